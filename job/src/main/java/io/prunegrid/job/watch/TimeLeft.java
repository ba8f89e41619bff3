package io.prunegrid.job.watch;

import io.prunegrid.job.spark.Progress;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How long a run will still take: what its items should take, corrected by what those of their kind
 * that ended took, shared among as many slots as have been seen at work. Not a mean over items: a
 * sweep whose dear cells come last is not promised to end soon.
 */
final class TimeLeft {
  private final Map<String, Kind> kinds = new HashMap<>();
  private int slots = 1;

  private static final class Kind {
    private double expected;
    private double taken;
  }

  /**
   * Something that runs now.
   *
   * @param expected seconds that it should take
   * @param elapsed seconds since it began
   */
  record UnderWay(String kind, double expected, double elapsed) {}

  /** An item has ended after so many seconds. */
  void ended(String kind, double expected, double seconds) {
    Kind its = of(kind);
    its.expected += expected;
    its.taken += seconds;
  }

  /** So many items are at work at the same time. */
  void busy(int items) {
    slots = Math.max(slots, items);
  }

  /**
   * Seconds until everything has ended; empty before anything has.
   *
   * @param progress how far the run is
   * @param running what is under way
   */
  OptionalDouble seconds(Progress progress, Collection<UnderWay> running) {
    double expected = kinds.values().stream().mapToDouble(kind -> kind.expected).sum();
    double taken = kinds.values().stream().mapToDouble(kind -> kind.taken).sum();
    if (expected <= 0) {
      return OptionalDouble.empty();
    }
    double overall = taken / expected;
    double work = 0;
    for (Map.Entry<String, Double> left : progress.expectedSecondsLeft().entrySet()) {
      work += Math.max(0, left.getValue()) * factor(of(left.getKey()), overall);
    }
    double longest = 0;
    for (UnderWay item : running) {
      double whole = item.expected() * factor(of(item.kind()), overall);
      double done = Math.min(item.elapsed(), whole);
      work -= done;
      longest = Math.max(longest, whole - done);
    }
    return OptionalDouble.of(Math.max(longest, Math.max(0, work) / slots));
  }

  private static double factor(Kind kind, double overall) {
    return kind.expected > 0 ? kind.taken / kind.expected : overall;
  }

  private Kind of(String kind) {
    return kinds.computeIfAbsent(kind, name -> new Kind());
  }
}
