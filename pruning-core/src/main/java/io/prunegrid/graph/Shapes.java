package io.prunegrid.graph;

import java.util.ArrayList;
import java.util.List;

/** Checks and formulas that shape inference shares. */
final class Shapes {
  private Shapes() {}

  static void expectCount(List<Shape> inputs, int count) {
    if (inputs.size() != count) {
      throw new IllegalArgumentException("takes " + count + " inputs, found " + inputs.size());
    }
  }

  static void expectAtLeast(List<Shape> inputs, int count) {
    if (inputs.size() < count) {
      throw new IllegalArgumentException(
          "takes at least " + count + " inputs, found " + inputs.size());
    }
  }

  static Shape single(List<Shape> inputs) {
    expectCount(inputs, 1);
    return inputs.get(0);
  }

  static void expectFeatureMap(Shape shape) {
    if (shape.rank() != 3) {
      throw new IllegalArgumentException("expects (channel, height, width), found " + shape);
    }
  }

  static void expectChannels(Shape shape, int channels) {
    if (shape.channels() != channels) {
      throw new IllegalArgumentException("expects " + channels + " channels, found " + shape);
    }
  }

  static int slidingSide(int side, int kernel, int stride, int padding, int dilation) {
    int covered = side + 2 * padding - dilation * (kernel - 1) - 1;
    if (covered < 0) {
      throw new IllegalArgumentException(
          "a window of "
              + kernel
              + " pixels does not fit into "
              + side
              + " with padding "
              + padding);
    }
    return covered / stride + 1;
  }

  static int ceilDiv(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  static void expectAxis(Shape shape, int axis) {
    if (axis < 0 || axis >= shape.rank()) {
      throw new IllegalArgumentException("has no axis " + axis + ": " + shape);
    }
  }

  /** The shape of two inputs element by element, the last axes aligned, sizes of 1 repeated. */
  static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    List<Integer> dims = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      int left = axis < rank - a.rank() ? 1 : a.dim(axis - rank + a.rank());
      int right = axis < rank - b.rank() ? 1 : b.dim(axis - rank + b.rank());
      if (left != right && left != 1 && right != 1) {
        throw new IllegalArgumentException("combines inputs of one shape, found " + List.of(a, b));
      }
      dims.add(left == 1 ? right : left);
    }
    return new Shape(dims);
  }

  static Shape pooled(Shape x, Size2d kernel, Size2d stride, Size2d padding, boolean ceil) {
    expectFeatureMap(x);
    return Shape.of(
        x.channels(),
        pooledSide(x.dim(1), kernel.height(), stride.height(), padding.height(), ceil),
        pooledSide(x.dim(2), kernel.width(), stride.width(), padding.width(), ceil));
  }

  /** A window that begins in the padding behind the last pixel does not count, as in torch. */
  private static int pooledSide(int side, int kernel, int stride, int padding, boolean ceil) {
    int whole = slidingSide(side, kernel, stride, padding, 1);
    if (!ceil) {
      return whole;
    }
    int rounded = ceilDiv(side + 2 * padding - kernel, stride) + 1;
    return (rounded - 1) * stride >= side + padding ? rounded - 1 : rounded;
  }
}
