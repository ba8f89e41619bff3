package io.prunegrid.job.spark;

import java.io.Serializable;
import java.util.List;

/** What a task that asked for work is to do. */
sealed interface Orders extends Serializable {
  /**
   * Do these items in this order, each after asking once more.
   *
   * @param numbers the items' numbers in the run
   */
  record Do(List<Integer> numbers, List<WorkItem> items) implements Orders {}

  /** Ask again after a while. */
  record Wait(long millis) implements Orders {}

  /** There is nothing to do; end. */
  record Rest() implements Orders {}
}
