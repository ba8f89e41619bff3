package io.prunegrid.measure;

import java.util.Arrays;

/**
 * How long single passes took, in milliseconds.
 *
 * @param median the middle one, or the mean of the two in the middle
 * @param percentile95 the smallest that at least 95 percent of the passes do not exceed
 * @param mean arithmetic mean
 * @param deviation sample standard deviation; 0 for a single pass
 * @param passes how many there were, at least 1
 */
public record Spread(
    double median, double percentile95, double mean, double deviation, int passes) {

  /**
   * Sums up single passes.
   *
   * @param millis at least one
   */
  static Spread of(double[] millis) {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    double mean = Arrays.stream(sorted).average().orElseThrow();
    double squares = Arrays.stream(sorted).map(value -> (value - mean) * (value - mean)).sum();
    return new Spread(
        median(sorted),
        sorted[(int) Math.ceil(0.95 * n) - 1],
        mean,
        n < 2 ? 0 : Math.sqrt(squares / (n - 1)),
        n);
  }

  static double median(double[] sorted) {
    int n = sorted.length;
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
}
