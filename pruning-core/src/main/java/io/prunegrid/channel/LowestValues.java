package io.prunegrid.channel;

import io.prunegrid.graph.Tensor;
import java.util.Collection;

/**
 * The k smallest of many floats, found by two counting passes over halves of their bits: no copy,
 * no sort, the same time whatever the order. Asked value by value, in order.
 */
final class LowestValues {
  private static final int HALF = 1 << 16;

  private final long size;
  private final float threshold;
  private long tiesLeft;

  private LowestValues(long size, float threshold, long tiesLeft) {
    this.size = size;
    this.threshold = threshold;
    this.tiesLeft = tiesLeft;
  }

  /** How many values are numbers. */
  static long count(Collection<Tensor> tensors) {
    long count = 0;
    for (Tensor tensor : tensors) {
      for (int i = 0; i < tensor.size(); i++) {
        count += Float.isNaN(tensor.at(i)) ? 0 : 1;
      }
    }
    return count;
  }

  /**
   * @param size how many values are numbers
   * @param k how many to take, at most {@code size}
   * @param allTies whether every value equal to the largest taken one goes as well
   */
  static LowestValues of(Collection<Tensor> tensors, long size, long k, boolean allTies) {
    if (k == 0) {
      return none(size);
    }
    long[] upper = new long[HALF];
    for (Tensor tensor : tensors) {
      for (int i = 0; i < tensor.size(); i++) {
        float value = tensor.at(i);
        if (!Float.isNaN(value)) {
          upper[ordered(value) >>> 16]++;
        }
      }
    }
    long left = k;
    int high = 0;
    while (left > upper[high]) {
      left -= upper[high++];
    }
    long[] lower = new long[HALF];
    for (Tensor tensor : tensors) {
      for (int i = 0; i < tensor.size(); i++) {
        float value = tensor.at(i);
        if (!Float.isNaN(value) && ordered(value) >>> 16 == high) {
          lower[ordered(value) & (HALF - 1)]++;
        }
      }
    }
    int low = 0;
    while (left > lower[low]) {
      left -= lower[low++];
    }
    return new LowestValues(size, unordered(high << 16 | low), allTies ? Long.MAX_VALUE : left);
  }

  /** Nothing goes. */
  static LowestValues none(long size) {
    return new LowestValues(size, Float.NEGATIVE_INFINITY, 0);
  }

  /** All values below a bound. */
  static LowestValues below(long size, float bound) {
    return new LowestValues(size, bound, 0);
  }

  /** How many values were compared. */
  long size() {
    return size;
  }

  /** Whether the next value goes; to be asked for every value in order, each once. */
  boolean takes(float value) {
    if (value < threshold) {
      return true;
    }
    if (value == threshold && tiesLeft > 0) {
      tiesLeft--;
      return true;
    }
    return false;
  }

  /** Bits that compare as unsigned integers the way the floats do; both zeros are one. */
  private static int ordered(float value) {
    int bits = Float.floatToRawIntBits(value + 0f);
    return bits < 0 ? ~bits : bits ^ Integer.MIN_VALUE;
  }

  private static float unordered(int ordered) {
    return Float.intBitsToFloat(ordered < 0 ? ordered ^ Integer.MIN_VALUE : ~ordered);
  }
}
