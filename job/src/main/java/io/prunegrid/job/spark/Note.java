package io.prunegrid.job.spark;

import io.prunegrid.job.schedule.Decision;
import io.prunegrid.job.store.Failure;

/** What the thread of a run learns. */
sealed interface Note {
  /** An item began, for the first time where attempt is 0. */
  record Began(int item, int attempt, String place) implements Note {}

  /** An item was done, and its rows are on their way to the disk. */
  record HandedOver(int item, double seconds) implements Note {}

  /** An item's rows are on disk; failure is null where it finished. */
  record Settled(int item, double seconds, Failure failure) implements Note {}

  /** Something to do. */
  record Decided(Decision decision) implements Note {}

  /** A Spark job ended; error is null where it ended well. */
  record JobEnded(String job, int firstTicket, int tasks, Throwable error) implements Note {}

  /** The journal failed. */
  record DiskFailed(Throwable error) implements Note {}
}
