package io.prunegrid.job.schedule;

/**
 * What happened on the grid. Items are numbers of the {@link Workload}; a task is one attempt of
 * one Spark task, by its own number; times are milliseconds of any clock that does not run
 * backwards.
 */
public sealed interface Event {
  /** When it was noticed, in milliseconds. */
  long at();

  /**
   * An executor is there.
   *
   * @param slots tasks that it runs at the same time, at least 1
   */
  record Joined(long at, String executor, String host, int slots) implements Event {}

  /** An executor is gone, and with it everything under way there. */
  record Lost(long at, String executor, Blame blame, String reason) implements Event {}

  /** An executor did not prove its device: it gets no work. */
  record Refused(long at, String executor, String reason) implements Event {}

  /**
   * A task has a slot on an executor and asks what to do. Asked again with the same task, because
   * the answer was lost or was to wait, it gets the same answer or a newer one.
   *
   * @param ticket which of the tasks of {@link Decision.Submit} it is; a task that Spark started
   *     again has the ticket of its first attempt
   */
  record Asked(long at, long task, int ticket, String executor) implements Event {}

  /** A task is about to do an item of its bundle and asks whether it still should. */
  record Began(long at, long task, int item) implements Event {}

  /** A task did an item; its rows are with the driver. */
  record Finished(long at, long task, int item, double seconds) implements Event {}

  /**
   * A task could not do an item.
   *
   * @param signature what equal failures have in common, such as the error's class and place
   */
  record Failed(long at, long task, int item, FailureKind kind, double seconds, String signature)
      implements Event {}

  /** A task is over, however it ended; what it had begun and not told of is not done. */
  record Ended(long at, long task, String reason) implements Event {}

  /** Tasks of a {@link Decision.Submit} that have not asked yet never will. */
  record Withdrawn(long at, int firstTicket, int tasks) implements Event {}

  /** Time passed. */
  record Tick(long at) implements Event {}

  /** What is known about why an executor was lost. */
  enum Blame {
    /** Nothing: what it ran may have killed it. */
    UNKNOWN,
    /**
     * A signal ended it: somebody's command or the machine that ran out of memory, rarely what ran
     * there.
     */
    SIGNAL,
    /** Something outside: its machine was taken away, or the program ended it on purpose. */
    OUTSIDE
  }
}
