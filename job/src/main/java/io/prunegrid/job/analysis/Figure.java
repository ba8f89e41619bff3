package io.prunegrid.job.analysis;

import java.util.List;
import java.util.Locale;

/**
 * A mean over the seeds of a cell.
 *
 * @param mean arithmetic mean
 * @param deviation sample standard deviation; NaN for a single value
 * @param count values
 */
record Figure(double mean, double deviation, int count) {

  /** NaN where there are no values. */
  static Figure of(List<Double> values) {
    int count = values.size();
    double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    double squares = values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum();
    return new Figure(mean, count < 2 ? Double.NaN : Math.sqrt(squares / (count - 1)), count);
  }

  boolean isKnown() {
    return count > 0;
  }

  /** For instance {@code 84.6 ± 1.0}, {@code 84.6} for a single value, {@code -} for none. */
  @Override
  public String toString() {
    if (!isKnown()) {
      return "-";
    }
    String text = String.format(Locale.ROOT, "%.1f", mean);
    return Double.isNaN(deviation) ? text : text + String.format(Locale.ROOT, " ± %.1f", deviation);
  }
}
