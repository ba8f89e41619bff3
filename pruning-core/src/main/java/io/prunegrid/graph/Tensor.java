package io.prunegrid.graph;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** A float tensor in host memory, row-major, immutable. */
public final class Tensor {
  /** Blocks of fewer values are copied faster one by one. */
  private static final int SHORT = 8;

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

  /** Copies {@code count} values from a row-major position on to an array's beginning. */
  public void copy(int from, double[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = values[from + i];
    }
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
    for (int o = 0; o < outer; o++) {
      gather(o * length * inner, positions, inner, selected, o * positions.length * inner);
    }
    return new Tensor(shape.withDim(dimension, positions.length), selected);
  }

  /** The tensor with only these positions of its first and of its second dimension. */
  public Tensor select(int[] first, int[] second) {
    int columns = shape.dim(1);
    int inner = values.length == 0 ? 0 : values.length / (shape.dim(0) * columns);
    int width = second.length * inner;
    float[] selected = new float[first.length * width];
    for (int i = 0; i < first.length; i++) {
      gather(first[i] * columns * inner, second, inner, selected, i * width);
    }
    return new Tensor(shape.withDim(0, first.length).withDim(1, second.length), selected);
  }

  /** Copies blocks of {@code inner} values, counted from one place, one after the other. */
  private void gather(int from, int[] positions, int inner, float[] to, int at) {
    if (inner >= SHORT) {
      for (int i = 0; i < positions.length; i++) {
        System.arraycopy(values, from + positions[i] * inner, to, at + i * inner, inner);
      }
    } else if (inner == 1) {
      for (int i = 0; i < positions.length; i++) {
        to[at + i] = values[from + positions[i]];
      }
    } else {
      for (int i = 0; i < positions.length; i++) {
        int block = from + positions[i] * inner;
        for (int j = 0; j < inner; j++) {
          to[at + i * inner + j] = values[block + j];
        }
      }
    }
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
