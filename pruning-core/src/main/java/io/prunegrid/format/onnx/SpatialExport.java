package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.OnnxWriter.Attributes;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;

/** Windows over feature maps, and other sizes of them. */
final class SpatialExport {
  private SpatialExport() {}

  static String translate(Exported step, SpatialOp op) {
    if (op instanceof SpatialOp.ConvTranspose2d conv) {
      return transposed(step, conv);
    } else if (op instanceof SpatialOp.AvgPool2d pool) {
      return averagePool(step, pool);
    } else if (op instanceof SpatialOp.AdaptiveMaxPool2d pool) {
      return adaptive(step, pool.output(), "MaxPool");
    } else if (op instanceof SpatialOp.Interpolate interpolate) {
      return interpolate(step, interpolate);
    }
    SpatialOp.Pad2d pad = (SpatialOp.Pad2d) op;
    return step.last(
        "Pad",
        step.in(0),
        step.list("pads", 0, 0, pad.top(), pad.left(), 0, 0, pad.bottom(), pad.right()),
        step.number("value", pad.value()));
  }

  private static String transposed(Exported step, SpatialOp.ConvTranspose2d op) {
    long height = op.padding().height();
    long width = op.padding().width();
    Attributes attributes =
        new Attributes()
            .integers("kernel_shape", op.kernel().height(), op.kernel().width())
            .integers("strides", op.stride().height(), op.stride().width())
            .integers("dilations", op.dilation().height(), op.dilation().width())
            .integers("pads", height, width, height, width)
            .integers("output_padding", op.outputPadding().height(), op.outputPadding().width())
            .integer("group", op.groups());
    return step.last("ConvTranspose", attributes, LayerExport.tensors(step, op.bias()));
  }

  private static Attributes window(Size2d kernel, Size2d stride, long... pads) {
    return new Attributes()
        .integers("kernel_shape", kernel.height(), kernel.width())
        .integers("strides", stride.height(), stride.width())
        .integers("pads", pads);
  }

  /** How far the last window reaches beyond the input and its padding at the front. */
  private static long beyond(int in, int out, int kernel, int stride, int padding) {
    return Math.max(0, (out - 1L) * stride + kernel - padding - in);
  }

  /** Padding at both ends, with what a window reaches beyond it: windows are as many as ours. */
  private static long[] pads(Exported step, Size2d kernel, Size2d stride, Size2d padding) {
    Shape in = step.inputShape(0);
    Shape out = step.shape();
    int height = padding.height();
    int width = padding.width();
    return new long[] {
      height,
      width,
      beyond(in.dim(1), out.dim(1), kernel.height(), stride.height(), height),
      beyond(in.dim(2), out.dim(2), kernel.width(), stride.width(), width)
    };
  }

  static String maxPool(Exported step, Op.MaxPool2d op) {
    return step.last(
        "MaxPool",
        window(op.kernel(), op.stride(), pads(step, op.kernel(), op.stride(), op.padding())),
        step.in(0));
  }

  /** Padding that counts becomes zeros; what a window reaches beyond never counts. */
  private static String averagePool(Exported step, SpatialOp.AvgPool2d op) {
    long[] pads = pads(step, op.kernel(), op.stride(), op.padding());
    String x = step.in(0);
    if (op.countsPadding()) {
      long height = op.padding().height();
      long width = op.padding().width();
      if (height + width > 0) {
        String sides = step.list("pads", 0, 0, height, width, 0, 0, height, width);
        x = step.between("Pad", "padded", x, sides);
      }
      pads = new long[] {0, 0, Math.max(0, pads[2] - height), Math.max(0, pads[3] - width)};
    }
    return step.last("AveragePool", window(op.kernel(), op.stride(), pads), x);
  }

  /**
   * Windows of one size by one pooling; others by a pooling of each row, then of each column.
   *
   * @param pooling AveragePool or MaxPool, both of which treat rows and columns apart
   */
  static String adaptive(Exported step, Size2d size, String pooling) {
    Shape in = step.inputShape(0);
    int height = in.dim(1);
    int width = in.dim(2);
    String x = step.in(0);
    if (size.equals(Size2d.ONE)) {
      return step.last("Global" + pooling, x);
    }
    if (height % size.height() == 0 && width % size.width() == 0) {
      Size2d kernel = new Size2d(height / size.height(), width / size.width());
      return step.last(pooling, window(kernel, kernel, 0, 0, 0, 0), x);
    }
    String rows = parts(step, x, Axis.ROWS, height, size.height(), pooling);
    return parts(step, rows, Axis.COLUMNS, width, size.width(), pooling);
  }

  private enum Axis {
    ROWS(2),
    COLUMNS(3);

    private final int number;

    Axis(int number) {
      this.number = number;
    }
  }

  private static String parts(
      Exported step, String x, Axis axis, int length, int count, String pooling) {
    String[] parts = new String[count];
    String what = axis.name().toLowerCase(java.util.Locale.ROOT);
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) i * length / count);
      int to = (int) -Math.floorDiv(-(i + 1L) * length, count);
      String part =
          step.between(
              "Slice",
              what + "_" + i,
              x,
              step.list("from", from),
              step.list("to", to),
              step.list("axis", axis.number));
      Size2d kernel = axis == Axis.ROWS ? new Size2d(to - from, 1) : new Size2d(1, to - from);
      parts[i] =
          to - from == 1
              ? part
              : step.between(
                  pooling, what + "_pooled_" + i, window(kernel, kernel, 0, 0, 0, 0), part);
    }
    Attributes along = new Attributes().integer("axis", axis.number);
    return axis == Axis.COLUMNS
        ? step.last("Concat", along, parts)
        : step.between("Concat", what, along, parts);
  }

  private static String interpolate(Exported step, SpatialOp.Interpolate op) {
    if (op.mode() == SpatialOp.Interpolate.Mode.NEAREST) {
      return nearest(step, op.output());
    }
    Attributes attributes =
        new Attributes()
            .text("mode", "linear")
            .text(
                "coordinate_transformation_mode",
                op.alignsCorners() ? "align_corners" : "half_pixel");
    Shape shape = step.shape();
    String sizes =
        step.between(
            "Concat",
            "sizes",
            new Attributes().integer("axis", 0),
            ShapeExport.batch(step, 0),
            step.list("map", shape.toLongs()));
    return step.last("Resize", attributes, step.in(0), "", "", sizes);
  }

  /** Rows and columns are picked by number: how programs round places differs. */
  private static String nearest(Exported step, Size2d size) {
    Shape in = step.inputShape(0);
    String rows =
        step.between(
            "Gather",
            "rows",
            new Attributes().integer("axis", 2),
            step.in(0),
            step.list("row_numbers", places(in.dim(1), size.height())));
    return step.last(
        "Gather",
        new Attributes().integer("axis", 3),
        rows,
        step.list("column_numbers", places(in.dim(2), size.width())));
  }

  /** The pixel before that each pixel after is nearest to, in torch's arithmetic. */
  static long[] places(int before, int after) {
    float scale = (float) before / after;
    long[] places = new long[after];
    for (int i = 0; i < after; i++) {
      places[i] = Math.min((long) (i * scale), before - 1L);
    }
    return places;
  }
}
