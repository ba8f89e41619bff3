package io.prunegrid.graph;

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
}
