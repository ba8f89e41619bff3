package io.prunegrid.format.onnx;

import java.util.Arrays;

/** A growing list of 64-bit numbers: whole ones, or the bits of doubles. */
final class Numbers {
  private long[] values = new long[4];
  private int size;

  void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  int size() {
    return size;
  }

  long[] toLongs() {
    return Arrays.copyOf(values, size);
  }

  double[] toDoubles() {
    double[] doubles = new double[size];
    Arrays.setAll(doubles, i -> Double.longBitsToDouble(values[i]));
    return doubles;
  }
}
