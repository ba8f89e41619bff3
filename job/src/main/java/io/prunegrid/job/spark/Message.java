package io.prunegrid.job.spark;

import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.Row;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * What an executor's task tells the driver, each answered at once. A message whose answer was lost
 * is sent again and changes nothing then.
 */
sealed interface Message extends Serializable {
  /** The run that it belongs to. */
  String run();

  /**
   * I have a slot; what shall I do? Answered with {@link Orders}.
   *
   * @param task Spark's number of this attempt of the task
   * @param ticket which of the submitted tasks it is
   */
  record Ask(String run, long task, int ticket, String executor, String place) implements Message {}

  /** May I begin this item? Answered with the attempt's number, or -1: leave it. */
  record Begin(String run, long task, int item) implements Message {}

  /**
   * Its rows and its attempt; where it failed its log, too. Answered with a ticket for {@link
   * Settled}.
   */
  record Ended(
      String run, long task, int item, double seconds, Failure failure, List<Row> rows, String log)
      implements Message {
    /** Why it failed; empty where it finished. */
    Optional<Failure> reason() {
      return Optional.ofNullable(failure);
    }
  }

  /** How far an attempt is that takes long: the end of its log, and where in the program it is. */
  record Pulse(String run, String key, String now) implements Message {}

  /** Are the rows of all these tickets on disk? Answered with true or false; then it ends. */
  record Settled(String run, long task, List<Long> tickets) implements Message {}
}
