package io.prunegrid.job.spark;

import java.util.List;
import java.util.ServiceLoader;

/**
 * Told of every step of an attempt on the executor, on the attempt's own thread, found by {@link
 * ServiceLoader}. PruneGrid has none: this is where tests break things.
 */
public interface AttemptWatcher {
  /** The steps of an attempt, in order. */
  enum Step {
    /** The driver has been asked and said go. */
    BEGUN,
    /** The work is done and its rows are made; nobody else knows of them. */
    COMPUTED,
    /** The driver has the rows; whether they are on its disk is not known yet. */
    HANDED_OVER
  }

  /** The step has been reached; whatever is thrown at {@link Step#BEGUN} is the item's error. */
  void reached(Step step, WorkItem item) throws Exception;

  /** Tells all watchers of this process. */
  static void tell(Step step, WorkItem item) throws Exception {
    for (AttemptWatcher watcher : Watchers.ALL) {
      watcher.reached(step, item);
    }
  }

  /** Found once for each process. */
  final class Watchers {
    private static final List<AttemptWatcher> ALL =
        ServiceLoader.load(AttemptWatcher.class).stream().map(ServiceLoader.Provider::get).toList();

    private Watchers() {}
  }
}
