package io.prunegrid.job.spark;

import io.prunegrid.job.store.Failure;

/** Told of everything that happens in a run, on the thread that called it, in order. */
public interface RunListener {
  /** A listener that does nothing. */
  RunListener SILENT = new RunListener() {};

  /** Tells one listener and then another. */
  static RunListener both(RunListener one, RunListener other) {
    return new BothListeners(one, other);
  }

  /** The run begins, with all items before it. */
  default void planned(Progress progress) {}

  /**
   * An item has begun at a place (host and executor).
   *
   * @param expectedSeconds how long it should take
   */
  default void began(WorkItem item, String place, double expectedSeconds, Progress progress) {}

  /** An item has been done; its rows are on their way to the disk. */
  default void handedOver(WorkItem item, double seconds, Progress progress) {}

  /** An item has finished and its rows are on disk. */
  default void finished(WorkItem item, double seconds, Progress progress) {}

  /**
   * An item failed.
   *
   * @param log its log, relative to the results folder
   */
  default void failed(WorkItem item, Failure failure, String log, Progress progress) {}

  /** An attempt failed and the item will be tried again. */
  default void retried(WorkItem item, Failure failure, Progress progress) {}

  /** A host or an executor gets no more work. */
  default void excluded(String what, String reason) {}

  /** The run ends before all items were tried. */
  default void stopped(String reason, Progress progress) {}

  /** An item was not tried because work that it needs failed. */
  default void blocked(WorkItem item, Failure because, Progress progress) {}
}
