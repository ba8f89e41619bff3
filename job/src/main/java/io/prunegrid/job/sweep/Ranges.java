package io.prunegrid.job.sweep;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Reads ranges that stand in place of lists. Problems are noted, not thrown. */
final class Ranges {
  private static final int MOST = 10_000;
  private static final int MOST_SEEDS = 1_000_000;

  /** Points that a formula gives are rounded to so many digits, so that a person can write them. */
  private static final MathContext DIGITS = new MathContext(6);

  private Ranges() {}

  /**
   * Canonical decimals of {@code { from, to, step }} or {@code { from, to, points, scale }}.
   *
   * @param ends what the ends may be
   * @param what the values are called in messages, for instance {@code ratios}
   */
  static List<BigDecimal> decimals(Block block, Kind<BigDecimal> ends, String what) {
    block.refuseUnknown(SweepKeys.names(AxisKeys.RANGE).toList());
    Optional<BigDecimal> from = block.need(AxisKeys.FROM.as(ends));
    Optional<BigDecimal> to = block.need(AxisKeys.TO.as(ends));
    boolean byPoints = block.own(AxisKeys.POINTS.name()).isPresent();
    if (byPoints && block.own(AxisKeys.STEP.name()).isPresent()) {
      problem(block, " has step and points; allowed: one of the two");
      return List.of();
    }
    if (!byPoints && block.own(AxisKeys.SCALE.name()).isPresent()) {
      problem(block, " has a scale but no points; allowed: points in place of step");
      return List.of();
    }
    if (byPoints) {
      Optional<Integer> points = block.find(AxisKeys.POINTS);
      Scale scale = block.read(AxisKeys.SCALE);
      return from.isEmpty() || to.isEmpty() || points.isEmpty()
          ? List.of()
          : points(block, from.get(), to.get(), points.get(), scale);
    }
    Optional<BigDecimal> step = block.need(AxisKeys.STEP);
    return from.isEmpty() || to.isEmpty() || step.isEmpty()
        ? List.of()
        : steps(block, from.get(), to.get(), step.get(), what);
  }

  private static List<BigDecimal> steps(
      Block block, BigDecimal from, BigDecimal to, BigDecimal step, String what) {
    if (from.compareTo(to) > 0) {
      problem(block, " runs from " + from + " down to " + to + ", which is empty");
      return List.of();
    }
    long steps =
        to.subtract(from).divideToIntegralValue(step).min(BigDecimal.valueOf(MOST)).longValue();
    if (steps >= MOST) {
      problem(block, " has more than " + MOST + " " + what);
      return List.of();
    }
    return IntStream.rangeClosed(0, (int) steps)
        .mapToObj(i -> canonical(from.add(step.multiply(BigDecimal.valueOf(i)))))
        .toList();
  }

  private static List<BigDecimal> points(
      Block block, BigDecimal from, BigDecimal to, int points, Scale scale) {
    if (from.compareTo(to) >= 0) {
      problem(block, " runs from " + from + " to " + to + "; allowed: from below to");
      return List.of();
    }
    if (scale == Scale.LOG && from.signum() <= 0) {
      problem(block, " starts at " + from + "; allowed with scale = log: a number above 0");
      return List.of();
    }
    if (scale == Scale.LOG_KEPT && to.compareTo(BigDecimal.ONE) >= 0) {
      problem(block, " ends at " + to + "; allowed with scale = log-kept: a number below 1");
      return List.of();
    }
    List<BigDecimal> values = new ArrayList<>();
    for (int i = 0; i < points; i++) {
      if (i == 0 || i == points - 1) {
        values.add(canonical(i == 0 ? from : to));
        continue;
      }
      double value = scale.between(from.doubleValue(), to.doubleValue(), (double) i / (points - 1));
      values.add(canonical(rounded(value, scale)));
    }
    if (values.stream().distinct().count() < points) {
      problem(
          block, " has points that are equal once rounded to " + DIGITS.getPrecision() + " digits");
      return List.of();
    }
    return values;
  }

  /** What is left is rounded where its factors are equal, so that 0.999 is as exact as 0.9. */
  private static BigDecimal rounded(double value, Scale scale) {
    if (scale == Scale.LOG_KEPT) {
      return BigDecimal.ONE.subtract(BigDecimal.valueOf(1 - value).round(DIGITS));
    }
    return BigDecimal.valueOf(value).round(DIGITS);
  }

  /** Whole numbers of {@code { from, to, step }} or {@code { from, count }}. */
  static List<Long> seeds(Block block) {
    block.refuseUnknown(SweepKeys.names(AxisKeys.SEED_RANGE).toList());
    long from = block.read(AxisKeys.FIRST_SEED);
    boolean counted = block.own(AxisKeys.COUNT.name()).isPresent();
    if (counted) {
      Optional<Integer> count = block.find(AxisKeys.COUNT);
      if (block.own(AxisKeys.LAST_SEED.name()).isPresent()
          || block.own(AxisKeys.SEED_STEP.name()).isPresent()) {
        problem(block, " has a count and an end; allowed: { count, from } or { from, to, step }");
        return List.of();
      }
      return count.isEmpty() ? List.of() : seeds(block, from, from + count.get() - 1, 1);
    }
    Optional<Long> to = block.need(AxisKeys.LAST_SEED);
    int step = block.read(AxisKeys.SEED_STEP);
    return to.isEmpty() ? List.of() : seeds(block, from, to.get(), step);
  }

  private static List<Long> seeds(Block block, long from, long to, int step) {
    if (to < from) {
      problem(block, " runs from " + from + " down to " + to + ", which is empty");
      return List.of();
    }
    if ((to - from) / step >= MOST_SEEDS) {
      problem(block, " has more than " + MOST_SEEDS + " seeds");
      return List.of();
    }
    return LongStream.rangeClosed(0, (to - from) / step).mapToObj(i -> from + i * step).toList();
  }

  static BigDecimal canonical(BigDecimal value) {
    return value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
  }

  private static void problem(Block block, String rest) {
    block.problems().add(block.origin(), block.path(), rest);
  }
}
