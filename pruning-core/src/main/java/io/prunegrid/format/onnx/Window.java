package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.Value.Activation;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;

/** How a window slides over a feature map, with what is padded at each side. */
record Window(
    Size2d kernel, Size2d stride, Size2d dilation, int top, int left, int bottom, int right) {
  private static final int LARGEST = 1 << 16;

  /** Of a convolution or pooling with this kernel over this input. */
  static Window of(OnnxNode node, Shape input, int height, int width) {
    return of(node, input, height, width, Kind.FORWARD);
  }

  static Window transposed(OnnxNode node, Shape input, int height, int width) {
    return of(node, input, height, width, Kind.TRANSPOSED);
  }

  private enum Kind {
    FORWARD,
    TRANSPOSED
  }

  private static Window of(OnnxNode node, Shape input, int height, int width, Kind kind) {
    long[] shape = node.integers("kernel_shape");
    if (shape != null && (shape.length != 2 || shape[0] != height || shape[1] != width)) {
      throw new Unsupported("its kernel does not have the shape that it says");
    }
    int[] stride = pair(node, "strides", 1);
    int[] dilation = pair(node, "dilations", 1);
    if (stride[0] < 1 || stride[1] < 1 || dilation[0] < 1 || dilation[1] < 1) {
      throw new Unsupported("its strides and dilations should be at least 1");
    }
    String auto = node.text("auto_pad", "NOTSET");
    int[] pads = new int[4];
    if (auto.equals("SAME_UPPER") || auto.equals("SAME_LOWER")) {
      if (kind == Kind.TRANSPOSED) {
        throw new Unsupported("auto_pad " + auto + " is not supported here");
      }
      int[] kernel = {height, width};
      for (int i = 0; i < 2; i++) {
        int side = input.dim(i + 1);
        int out = -Math.floorDiv(-side, stride[i]);
        int all = Math.max(0, (out - 1) * stride[i] + dilation[i] * (kernel[i] - 1) + 1 - side);
        pads[i] = auto.equals("SAME_UPPER") ? all / 2 : all - all / 2;
        pads[i + 2] = all - pads[i];
      }
    } else if (auto.equals("NOTSET")) {
      long[] given = node.integers("pads");
      if (given != null && given.length != 4) {
        throw new Unsupported("its attribute pads should have four numbers");
      }
      for (int i = 0; given != null && i < 4; i++) {
        pads[i] = small(given[i]);
      }
    } else if (!auto.equals("VALID")) {
      throw new Unsupported("auto_pad " + Unsupported.quote(auto) + " is unknown");
    }
    return new Window(
        new Size2d(height, width),
        new Size2d(stride[0], stride[1]),
        new Size2d(dilation[0], dilation[1]),
        pads[0],
        pads[1],
        pads[2],
        pads[3]);
  }

  static int[] pair(OnnxNode node, String attribute, int otherwise) {
    long[] given = node.integers(attribute);
    if (given == null) {
      return new int[] {otherwise, otherwise};
    }
    if (given.length != 2) {
      throw new Unsupported(
          "its attribute " + attribute + " should have two numbers, found " + given.length);
    }
    return new int[] {small(given[0]), small(given[1])};
  }

  /** A size that a window may have. */
  static int small(long value) {
    if (value < 0 || value > LARGEST) {
      throw new Unsupported("it has a size of " + value + "; allowed: 0 to " + LARGEST);
    }
    return (int) value;
  }

  boolean isSymmetric() {
    return top == bottom && left == right;
  }

  /** What the window itself pads; nothing where it must be padded apart. */
  Size2d symmetricPadding() {
    return isSymmetric() ? new Size2d(top, left) : Size2d.square(0);
  }

  /** The input, padded by a node of its own where the sides differ. */
  Activation padApart(Step step, Activation x, double value) {
    return isSymmetric() ? x : pad(step, x, value);
  }

  /** The input, padded by a node of its own. */
  Activation pad(Step step, Activation x, double value) {
    String name =
        step.parts()
            .add(
                Title.of(step.node().label() + "/pad"),
                new SpatialOp.Pad2d(top, bottom, left, right, value),
                java.util.List.of(x.node()));
    return x.like(name, step.parts().shape(name));
  }
}
