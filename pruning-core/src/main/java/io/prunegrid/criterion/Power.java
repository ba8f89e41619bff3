package io.prunegrid.criterion;

import java.util.Arrays;

/** How absolute values become one number: their sum, the sum of squares, or the largest. */
enum Power {
  ONE("1"),
  TWO("2"),
  INFINITY("inf"),
  /** Not sizes but the values themselves; the norm is the size of their sum. */
  SIGNED("signed");

  private final String spelled;

  Power(String spelled) {
    this.spelled = spelled;
  }

  static Power of(String spelled) {
    for (Power power : values()) {
      if (power.spelled.equals(spelled)) {
        return power;
      }
    }
    throw new IllegalArgumentException("no power is spelled '" + spelled + "'");
  }

  String spelled() {
    return spelled;
  }

  /** What one more value makes of a total so far, without a root. */
  double add(double total, double value) {
    double size = Math.abs(value);
    return switch (this) {
      case ONE -> total + size;
      case TWO -> total + size * size;
      case INFINITY -> Math.max(total, size);
      case SIGNED -> total + value;
    };
  }

  /**
   * Puts what each of an array's first values adds to a total in its place.
   *
   * @throws IllegalStateException for the largest, which is no sum
   */
  void sizes(double[] values, int count) {
    switch (this) {
      case ONE -> {
        for (int i = 0; i < count; i++) {
          values[i] = Math.abs(values[i]);
        }
      }
      case TWO -> {
        for (int i = 0; i < count; i++) {
          values[i] *= values[i];
        }
      }
      case SIGNED -> {}
      case INFINITY -> throw new IllegalStateException("the largest of values is no sum of them");
    }
  }

  /** Sums of {@link #sizes} as what they stand for, without a root. */
  double[] totals(double[] sums) {
    return this == SIGNED ? Arrays.stream(sums).map(Math::abs).toArray() : sums;
  }

  /** The norm that a total stands for. */
  double norm(double total) {
    return switch (this) {
      case TWO -> Math.sqrt(total);
      case SIGNED -> Math.abs(total);
      case ONE, INFINITY -> total;
    };
  }
}
