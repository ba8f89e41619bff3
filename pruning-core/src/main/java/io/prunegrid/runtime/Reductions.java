package io.prunegrid.runtime;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.runtime.Reading.Activation;
import java.util.stream.LongStream;

/** From a node's output, with channels along an axis, to host values {@code (n, channel)}. */
final class Reductions {
  private Reductions() {}

  static float[] sum(PtNDArray x, int axis) {
    long[] positions = positions(x, axis);
    if (positions.length == 0) {
      return x.toFloatArray();
    }
    try (PtNDArray sum = JniUtils.sum(x, positions, false)) {
      return sum.toFloatArray();
    }
  }

  static float[] absoluteSum(PtNDArray x, int axis) {
    try (PtNDArray sizes = JniUtils.abs(x)) {
      return sum(sizes, axis);
    }
  }

  static float[] squareSum(PtNDArray x, int axis) {
    try (PtNDArray squares = JniUtils.square(x)) {
      return sum(squares, axis);
    }
  }

  static float[] positiveCount(PtNDArray x, int axis) {
    try (PtNDArray zero = Staging.scalar(x.getManager(), 0);
        PtNDArray positive = JniUtils.gt(x, zero);
        PtNDArray ones = JniUtils.to(positive, DataType.FLOAT32, x.getDevice())) {
      return sum(ones, axis);
    }
  }

  static float[] length(PtNDArray x, int axis, Activation activation, double slope) {
    if (activation == Activation.IDENTITY) {
      return rooted(squareSum(x, axis));
    }
    try (PtNDArray y = applied(x, activation, slope)) {
      return rooted(squareSum(y, axis));
    }
  }

  private static PtNDArray applied(PtNDArray x, Activation activation, double slope) {
    return switch (activation) {
      case IDENTITY -> throw new IllegalArgumentException("nothing to apply");
      case RELU -> JniUtils.relu(x);
      case LEAKY_RELU -> JniUtils.leakyRelu(x, slope);
      case SIGMOID -> JniUtils.sigmoid(x);
      case TANH -> JniUtils.tanh(x);
    };
  }

  private static float[] rooted(float[] squares) {
    for (int i = 0; i < squares.length; i++) {
      squares[i] = (float) Math.sqrt(squares[i]);
    }
    return squares;
  }

  /** All dimensions but the batch's and the channels'. */
  static long[] positions(PtNDArray x, int axis) {
    return LongStream.range(1, x.getShape().dimension()).filter(d -> d != axis + 1).toArray();
  }
}
