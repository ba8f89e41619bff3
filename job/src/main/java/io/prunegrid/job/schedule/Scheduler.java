package io.prunegrid.job.schedule;

import java.util.List;

/**
 * Told of everything that happens in a run, in order, and answers with what to do about it. Equal
 * events bring equal decisions. Not safe for threads: whoever calls holds a lock.
 */
public interface Scheduler {
  /**
   * Takes note of an event.
   *
   * @return what to do, in this order; for {@link Event.Asked}, {@link Event.Began}, {@link
   *     Event.Finished} and {@link Event.Failed} exactly one {@link Decision.Answer} is among it
   */
  List<Decision> on(Event event);

  /** Whether every item has finished, was given up or is blocked, or the run was stopped. */
  boolean isDone();
}
