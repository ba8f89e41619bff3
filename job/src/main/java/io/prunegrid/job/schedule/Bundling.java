package io.prunegrid.job.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes bundles of ready items: guided self-scheduling (Polychronopoulos and Kuck, 1987) over
 * expected seconds. A bundle is a share of what is ready, so bundles are long while there is much
 * to do and loading pays, and shrink to one item at the end so that all slots end together.
 */
final class Bundling {
  /** Of each slot's share of the ready work, the part that one bundle takes. */
  private static final int PARTS = 2;

  /** Groups that are shorter than this are joined: a task costs some milliseconds of its own. */
  private static final double SHORT_SECONDS = 1;

  private final Workload work;
  private final ReadyGroups ready;
  private final Estimates estimates;
  private final double longestSeconds;
  private final int largest;

  Bundling(Workload work, ReadyGroups ready, Estimates estimates, Policy policy) {
    this.work = work;
    this.ready = ready;
    this.estimates = estimates;
    this.longestSeconds = policy.longestBundle().toMillis() * 1e-3;
    this.largest = policy.largestBundle();
  }

  /**
   * Takes a bundle from the ready items; empty where there are none.
   *
   * @param before the group that the executor worked on last; -1 for none
   * @param slots of the whole grid, at least 1
   */
  List<Integer> take(int before, int slots) {
    List<Integer> bundle = new ArrayList<>();
    int group = ready.choose(before);
    if (group < 0) {
      return bundle;
    }
    boolean shared = ready.isShared(group);
    double share = estimates.seconds(ready.seconds(shared), shared) / (PARTS * (double) slots);
    double target = Math.min(longestSeconds, share);
    int most = estimates.knows(shared) ? largest : 1;
    double sum = 0;
    while (bundle.size() < most && (bundle.isEmpty() || sum < target)) {
      int item = ready.peek(group);
      if (item < 0) {
        group = sum < SHORT_SECONDS ? ready.choose(-1) : -1;
        if (group < 0 || ready.isShared(group) != shared) {
          break;
        }
        continue;
      }
      double seconds = estimates.seconds(work.seconds(item), shared);
      if (!bundle.isEmpty() && sum + seconds > longestSeconds) {
        break;
      }
      bundle.add(ready.take(group));
      sum += seconds;
    }
    return bundle;
  }
}
