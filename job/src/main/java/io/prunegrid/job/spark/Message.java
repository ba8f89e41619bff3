package io.prunegrid.job.spark;

import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.Row;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/** What an executor's task tells the driver, each answered at once. */
sealed interface Message extends Serializable {
  /** The run that it belongs to. */
  String run();

  /** May I begin this item? Answered with the attempt's number, or -1: leave it. */
  record Begin(String run, String key, String place) implements Message {}

  /**
   * Its rows and its attempt; where it failed its log, too. Answered with a ticket for {@link
   * Settled}.
   */
  record Ended(String run, String key, double seconds, Failure failure, List<Row> rows, String log)
      implements Message {
    /** Why it failed; empty where it finished. */
    Optional<Failure> reason() {
      return Optional.ofNullable(failure);
    }
  }

  /** How far an attempt is that takes long: the end of its log, and where in the program it is. */
  record Pulse(String run, String key, String now) implements Message {}

  /** Are the rows of all these tickets on disk? Answered with true or false. */
  record Settled(String run, List<Long> tickets) implements Message {}
}
