package io.prunegrid.job.schedule;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Items that must have ended by a time, and killed tasks that must. */
final class Deadlines {
  private final PriorityQueue<Deadline> deadlines =
      new PriorityQueue<>(
          Comparator.comparingLong(Deadline::due)
              .thenComparingLong(Deadline::task)
              .thenComparingInt(Deadline::item));

  /** What is over when the time has come. */
  enum Limit {
    /** The item's time. */
    TIME,
    /** Our patience with a task that was killed. */
    PATIENCE
  }

  record Deadline(long due, long task, int item, int attempt, Limit limit) {}

  void add(Deadline deadline) {
    deadlines.add(deadline);
  }

  /** The earliest deadline that has passed, taken out; null where there is none. */
  Deadline take(long now) {
    return deadlines.isEmpty() || deadlines.peek().due() > now ? null : deadlines.remove();
  }
}
