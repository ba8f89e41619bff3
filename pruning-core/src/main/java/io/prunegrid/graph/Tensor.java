package io.prunegrid.graph;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** A float tensor in host memory, row-major, immutable. */
public final class Tensor {
  private final Shape shape;
  private final float[] values;

  private Tensor(Shape shape, float[] values) {
    if (shape.size() != values.length) {
      throw new IllegalArgumentException(
          "shape " + shape + " holds " + shape.size() + " values, found " + values.length);
    }
    this.shape = shape;
    this.values = values;
  }

  /** A tensor over these values, which the caller hands over and must not change any more. */
  public static Tensor wrap(Shape shape, float[] values) {
    return new Tensor(shape, values);
  }

  public static Tensor of(Shape shape, float... values) {
    return new Tensor(shape, values.clone());
  }

  public static Tensor zeros(Shape shape) {
    return new Tensor(shape, new float[Math.toIntExact(shape.size())]);
  }

  public Shape shape() {
    return shape;
  }

  public int size() {
    return values.length;
  }

  /** The value at a row-major position. */
  public float at(int index) {
    return values[index];
  }

  /** A copy of all values. */
  public float[] toArray() {
    return values.clone();
  }

  /** A read-only view of all values. */
  public FloatBuffer asBuffer() {
    return FloatBuffer.wrap(values).asReadOnlyBuffer();
  }

  /** The tensor with only these positions of one dimension, in this order. */
  public Tensor select(int dimension, int[] positions) {
    int inner = 1;
    for (int i = dimension + 1; i < shape.rank(); i++) {
      inner *= shape.dim(i);
    }
    int length = shape.dim(dimension);
    int outer = length == 0 ? 0 : values.length / (inner * length);
    float[] selected = new float[outer * positions.length * inner];
    int to = 0;
    for (int o = 0; o < outer; o++) {
      for (int position : positions) {
        System.arraycopy(values, (o * length + position) * inner, selected, to, inner);
        to += inner;
      }
    }
    return new Tensor(shape.withDim(dimension, positions.length), selected);
  }

  /** Equal shapes and equal bits. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor tensor
        && shape.equals(tensor.shape)
        && Arrays.equals(values, tensor.values);
  }

  @Override
  public int hashCode() {
    return shape.hashCode() * 31 + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "Tensor" + shape;
  }
}
