package io.prunegrid.criterion;

/** Sums that do not lose digits (Kahan 1965), equal bit for bit to those of Java's streams. */
final class Sums {
  private Sums() {}

  /** The sum of all values. */
  static double of(double... values) {
    return of(values, 0, values.length);
  }

  /** The sum of values in {@code [from, to)}. */
  static double of(double[] values, int from, int to) {
    double sum = 0;
    double lost = 0;
    double plain = 0;
    for (int i = from; i < to; i++) {
      double next = values[i] - lost;
      double larger = sum + next;
      lost = (larger - sum) - next;
      sum = larger;
      plain += values[i];
    }
    double total = sum - lost;
    return Double.isNaN(total) && Double.isInfinite(plain) ? plain : total;
  }
}
