package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.Value.Activation;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.SpatialOp.Interpolate.Mode;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Pooling, padding and resizing of feature maps. */
final class SpatialOperators {
  private SpatialOperators() {}

  static void register(Map<String, Operators.Handler> handlers) {
    handlers.put("MaxPool", SpatialOperators::maxPool);
    handlers.put("AveragePool", SpatialOperators::averagePool);
    handlers.put(
        "GlobalAveragePool",
        step -> step.give(step.apply(new Op.AdaptiveAvgPool2d(Size2d.ONE), step.map(0))));
    handlers.put(
        "GlobalMaxPool",
        step -> step.give(step.apply(new SpatialOp.AdaptiveMaxPool2d(Size2d.ONE), step.map(0))));
    handlers.put("Pad", SpatialOperators::pad);
    handlers.put("Resize", SpatialOperators::resize);
    handlers.put("Upsample", SpatialOperators::resize);
  }

  private static Window window(Step step, Activation x) {
    long[] kernel = step.node().integers("kernel_shape");
    if (kernel == null || kernel.length != 2) {
      throw new Unsupported("its kernel should have two sides");
    }
    int height = Window.small(kernel[0]);
    int width = Window.small(kernel[1]);
    if (height < 1 || width < 1) {
      throw new Unsupported("its kernel is empty");
    }
    Window window = Window.of(step.node(), x.shape(), height, width);
    if (!window.dilation().equals(Size2d.ONE)) {
      throw new Unsupported("dilated pooling is not supported");
    }
    return window;
  }

  /** Padding as a window takes it: half the kernel at most, and the same at both ends. */
  private record Padding(Size2d size, boolean ceil) {}

  /**
   * The padding in front, where that makes as many windows as the file's: what is padded behind may
   * be less than in front, or be what a last window reaches beyond. Null if it does not.
   */
  private static Padding ordinary(Step step, Window window, Activation x) {
    Size2d front = new Size2d(window.top(), window.left());
    if (2 * front.height() > window.kernel().height()
        || 2 * front.width() > window.kernel().width()) {
      return null;
    }
    boolean rounds = step.node().integer("ceil_mode", 0) != 0;
    if (rounds) {
      return window.isSymmetric() ? new Padding(front, true) : null;
    }
    int height = x.shape().dim(1) + window.top() + window.bottom() - window.kernel().height();
    int width = x.shape().dim(2) + window.left() + window.right() - window.kernel().width();
    if (height < 0 || width < 0) {
      throw new Unsupported("its window is larger than the padded input");
    }
    for (boolean ceil : new boolean[] {false, true}) {
      Shape out =
          new Op.MaxPool2d(window.kernel(), window.stride(), front, ceil).infer(List.of(x.shape()));
      if (out.dim(1) == height / window.stride().height() + 1
          && out.dim(2) == width / window.stride().width() + 1) {
        return new Padding(front, ceil);
      }
    }
    return null;
  }

  private static void maxPool(Step step) throws IOException {
    Activation x = step.map(0);
    Window window = window(step, x);
    Padding padding = ordinary(step, window, x);
    if (padding == null) {
      boolean ceil = step.node().integer("ceil_mode", 0) != 0;
      x = window.pad(step, x, Double.NEGATIVE_INFINITY);
      padding = new Padding(Size2d.square(0), ceil);
    }
    step.give(
        step.apply(
            new Op.MaxPool2d(window.kernel(), window.stride(), padding.size(), padding.ceil()), x));
  }

  private static void averagePool(Step step) throws IOException {
    Activation x = step.map(0);
    Window window = window(step, x);
    boolean counts = step.node().integer("count_include_pad", 0) != 0;
    Padding padding = counts && !window.isSymmetric() ? null : ordinary(step, window, x);
    if (padding == null) {
      if (!counts) {
        throw new Unsupported("means over windows with this padding are not supported");
      }
      boolean ceil = step.node().integer("ceil_mode", 0) != 0;
      x = window.pad(step, x, 0);
      padding = new Padding(Size2d.square(0), ceil);
    }
    step.give(
        step.apply(
            new SpatialOp.AvgPool2d(
                window.kernel(), window.stride(), padding.size(), padding.ceil(), counts),
            x));
  }

  private static void pad(Step step) throws IOException {
    Activation x = step.activation(0);
    long[] pads = step.has(1) ? step.constant(1).plains() : step.node().integers("pads");
    int rank = x.fileRank();
    if (pads == null || pads.length != 2 * rank) {
      throw new Unsupported("it should pad by " + 2 * rank + " numbers");
    }
    double value =
        step.has(2)
            ? NormOperators.decimal(step.constant(2).single())
            : step.node().number("value", 0);
    boolean nothing = true;
    for (long pad : pads) {
      nothing &= pad == 0;
    }
    if (nothing) {
      step.give(x);
      return;
    }
    String mode = step.node().text("mode", "constant");
    if (!mode.equals("constant")) {
      throw new Unsupported("padding of the mode " + Unsupported.quote(mode) + " is not supported");
    }
    Activation map = step.map(0);
    if (pads[0] != 0 || pads[4] != 0) {
      throw new Unsupported("it works along the batch");
    }
    Activation result = cropped(step, map, pads);
    if (pads[1] > 0 || pads[5] > 0) {
      if (value != 0) {
        throw new Unsupported("channels can be padded by zeros only");
      }
      result =
          step.apply(
              new Op.PadChannels(
                  Window.small(Math.max(0, pads[1])), Window.small(Math.max(0, pads[5]))),
              result);
    }
    int top = Window.small(Math.max(0, pads[2]));
    int left = Window.small(Math.max(0, pads[3]));
    int bottom = Window.small(Math.max(0, pads[6]));
    int right = Window.small(Math.max(0, pads[7]));
    if (top + bottom + left + right > 0) {
      result = step.apply(new SpatialOp.Pad2d(top, bottom, left, right, value), result);
    }
    step.give(result);
  }

  /** Padding by less than nothing takes away. */
  private static Activation cropped(Step step, Activation map, long[] pads) {
    Activation result = map;
    for (int axis = 0; axis < 3; axis++) {
      long start = Math.max(0, -pads[axis + 1]);
      long end = result.shape().dim(axis) - Math.max(0, -pads[axis + 5]);
      if (start > 0 || end < result.shape().dim(axis)) {
        if (end <= start) {
          throw new Unsupported("it takes everything away");
        }
        result = step.apply(new ShapeOp.Slice(axis, (int) start, (int) end, 1), result);
      }
    }
    return result;
  }

  private static void resize(Step step) throws IOException {
    Activation x = step.map(0);
    Size2d size = size(step, x.shape());
    if (size.height() == x.shape().dim(1) && size.width() == x.shape().dim(2)) {
      step.give(x);
      return;
    }
    OnnxNode node = step.node();
    String mode = node.text("mode", "nearest");
    String coordinates =
        node.text(
            "coordinate_transformation_mode",
            node.operator().equals("Upsample") ? "asymmetric" : "half_pixel");
    boolean whole = size.height() % x.shape().dim(1) == 0 && size.width() % x.shape().dim(2) == 0;
    SpatialOp.Interpolate op;
    if (mode.equals("nearest")) {
      String rounding =
          node.text(
              "nearest_mode", node.operator().equals("Upsample") ? "floor" : "round_prefer_floor");
      boolean asTorch = coordinates.equals("asymmetric") && rounding.equals("floor");
      boolean theSame =
          whole
              && rounding.startsWith("round_prefer")
              && (coordinates.equals("half_pixel") || coordinates.equals("pytorch_half_pixel"));
      if (!asTorch && !theSame) {
        throw new Unsupported(
            "nearest pixels by " + coordinates + " and " + rounding + " are not supported");
      }
      op = new SpatialOp.Interpolate(size, Mode.NEAREST, false);
    } else if (mode.equals("linear") && coordinates.equals("align_corners")) {
      op = new SpatialOp.Interpolate(size, Mode.BILINEAR, true);
    } else if (mode.equals("linear")
        && (coordinates.equals("half_pixel")
            || (coordinates.equals("pytorch_half_pixel")
                && size.height() > 1
                && size.width() > 1))) {
      op = new SpatialOp.Interpolate(size, Mode.BILINEAR, false);
    } else {
      throw new Unsupported(
          "resizing of the mode "
              + Unsupported.quote(mode)
              + " by "
              + Unsupported.quote(coordinates)
              + " is not supported");
    }
    step.give(step.apply(op, x));
  }

  /** The size that is asked for, as sizes or as scales. */
  private static Size2d size(Step step, Shape in) throws IOException {
    boolean upsample = step.node().operator().equals("Upsample");
    int last = upsample ? 1 : 3;
    boolean sized = !upsample && step.has(3) && step.constant(3).size() > 0;
    Constant given = step.constant(sized ? last : upsample ? 1 : 2);
    if (given.size() != 4) {
      throw new Unsupported("it should say four sizes or scales, found " + given.size());
    }
    int[] sides = new int[2];
    if (sized) {
      for (int i = 0; i < 2; i++) {
        sides[i] = Window.small(given.plain(i + 2));
      }
      boolean same =
          given.whole(1).equals(io.prunegrid.format.onnx.Size.of(in.channels()))
              && (!given.whole(0).isPlain()
                  || given.whole(0).plain() == step.translation().fixedBatch());
      if (!same) {
        throw new Unsupported("only rows and columns can be resized");
      }
    } else {
      float[] scales = given.floats();
      if (scales[0] != 1 || scales[1] != 1) {
        throw new Unsupported("only rows and columns can be resized");
      }
      for (int i = 0; i < 2; i++) {
        double side = (double) in.dim(i + 1) * scales[i + 2];
        if (!(Math.abs(side - Math.rint(side)) < 1e-3)) {
          throw new Unsupported("its scale of " + scales[i + 2] + " leaves a part of a pixel");
        }
        sides[i] = Window.small((long) Math.rint(side));
      }
    }
    if (sides[0] < 1 || sides[1] < 1) {
      throw new Unsupported("it leaves no pixels");
    }
    return new Size2d(sides[0], sides[1]);
  }

  static List<Integer> rowsAndColumns() {
    return List.of(1, 2);
  }
}
