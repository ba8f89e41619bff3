package io.prunegrid.runtime;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;

/**
 * Means of windows and other sizes of feature maps, as torch computes them. The binding counts
 * padding in every mean and smooths before it makes maps smaller, whatever it is told.
 */
final class Resampling {
  private Resampling() {}

  static PtNDArray averagePool(PtNDArray x, SpatialOp.AvgPool2d op) {
    PtNDArray counted =
        JniUtils.avgPool(
            x,
            new Shape(op.kernel().height(), op.kernel().width()),
            new Shape(op.stride().height(), op.stride().width()),
            new Shape(op.padding().height(), op.padding().width()),
            op.ceil(),
            true);
    if (op.countsPadding() || op.padding().equals(Size2d.square(0))) {
      return counted;
    }
    Shape in = x.getShape();
    Shape out = counted.getShape();
    double[] rows =
        shares(
            (int) in.get(2),
            (int) out.get(2),
            op.kernel().height(),
            op.stride().height(),
            op.padding().height());
    double[] columns =
        shares(
            (int) in.get(3),
            (int) out.get(3),
            op.kernel().width(),
            op.stride().width(),
            op.padding().width());
    float[] factors = new float[rows.length * columns.length];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = (float) (rows[i / columns.length] * columns[i % columns.length]);
    }
    try (counted;
        PtNDArray scale = Kernels.upload(manager(x), factors, 1, 1, rows.length, columns.length)) {
      return JniUtils.mul(counted, scale);
    }
  }

  /** Per window of one side: its pixels with padding, by those without. */
  private static double[] shares(int side, int windows, int kernel, int stride, int padding) {
    double[] shares = new double[windows];
    for (int i = 0; i < windows; i++) {
      int start = i * stride - padding;
      int end = Math.min(start + kernel, side + padding);
      shares[i] = (double) (end - start) / (Math.min(end, side) - Math.max(start, 0));
    }
    return shares;
  }

  static PtNDArray interpolate(PtNDArray x, SpatialOp.Interpolate op) {
    if (op.mode() == SpatialOp.Interpolate.Mode.NEAREST) {
      long[] size = {op.output().height(), op.output().width()};
      return JniUtils.interpolate(x, size, 0, false);
    }
    int height = (int) x.getShape().get(2);
    int width = (int) x.getShape().get(3);
    try (PtNDArray across = weights(x, width, op.output().width(), op.alignsCorners());
        PtNDArray down = weights(x, height, op.output().height(), op.alignsCorners());
        PtNDArray wide = JniUtils.matmul(x, across);
        PtNDArray turned = JniUtils.transpose(wide, 2, 3);
        PtNDArray resized = JniUtils.matmul(turned, down)) {
      return JniUtils.transpose(resized, 2, 3);
    }
  }

  /** {@code (from, to)}: the weight of each pixel before in each pixel after. */
  private static PtNDArray weights(PtNDArray x, int from, int to, boolean corners) {
    float[] weights = new float[from * to];
    for (int i = 0; i < to; i++) {
      double place =
          corners
              ? (to == 1 ? 0 : (double) i * (from - 1) / (to - 1))
              : Math.max((i + 0.5) * from / to - 0.5, 0);
      int low = (int) place;
      int high = Math.min(low + 1, from - 1);
      weights[low * to + i] += (float) (1 - (place - low));
      weights[high * to + i] += (float) (place - low);
    }
    return Kernels.upload(manager(x), weights, from, to);
  }

  private static PtNDManager manager(PtNDArray x) {
    return x.getManager();
  }
}
