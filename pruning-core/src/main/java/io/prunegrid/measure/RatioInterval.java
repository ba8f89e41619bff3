package io.prunegrid.measure;

import java.util.Arrays;
import java.util.Collection;

/**
 * A ratio of two latencies with what is known about it. The interval is that of the sign test: it
 * runs from the k-th smallest of independent ratios to the k-th largest, with the largest k that
 * still covers the median with the probability wanted, whatever their distribution (David and
 * Nagaraja, Order Statistics, 2003, section 7.1).
 *
 * @param estimate median of the ratios
 * @param low lower end
 * @param high upper end
 */
public record RatioInterval(double estimate, double low, double high) {
  /** The least probability with which the interval covers the median. */
  public static final double CONFIDENCE = 0.99;

  /** Fewer ratios than this have no interval of that confidence. */
  public static final int FEWEST = fewest();

  /**
   * The interval of independent ratios.
   *
   * @param ratios at least {@link #FEWEST}
   */
  public static RatioInterval of(Collection<Double> ratios) {
    double[] sorted = ratios.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int rank = rank(sorted.length);
    if (rank == 0) {
      throw new IllegalArgumentException(
          "an interval needs at least " + FEWEST + " ratios, found " + sorted.length);
    }
    return new RatioInterval(Spread.median(sorted), sorted[rank - 1], sorted[sorted.length - rank]);
  }

  /** Half the interval's width as a share of the estimate. */
  public double halfWidth() {
    return (high - low) / 2 / estimate;
  }

  /** Whether the interval contains a value. */
  public boolean covers(double value) {
    return low <= value && value <= high;
  }

  /** The largest k for which k-th smallest to k-th largest of n suffice; 0 where none does. */
  static int rank(int n) {
    double[] outside = new double[n + 2];
    double each = Math.pow(0.5, n);
    for (int k = 1; k <= n; k++) {
      outside[k] = outside[k - 1] + each;
      each = each * (n - k + 1) / k;
    }
    int rank = 0;
    while (rank < n / 2 && 1 - 2 * outside[rank + 1] >= CONFIDENCE) {
      rank++;
    }
    return rank;
  }

  private static int fewest() {
    return java.util.stream.IntStream.iterate(1, n -> n + 1)
        .filter(n -> rank(n) > 0)
        .findFirst()
        .orElseThrow();
  }

  static double median(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return Spread.median(sorted);
  }
}
