package io.prunegrid.job.schedule;

/**
 * What a run has learned about its estimates: how many seconds an expected second takes, for what
 * others need and for the rest, over all that finished.
 */
final class Estimates {
  private final Workload work;
  private final double[] expected = new double[2];
  private final double[] taken = new double[2];

  Estimates(Workload work) {
    this.work = work;
  }

  void learn(int item, boolean shared, double seconds) {
    expected[shared ? 0 : 1] += work.seconds(item);
    taken[shared ? 0 : 1] += Math.max(seconds, 0);
  }

  /** Whether any of the kind has finished. */
  boolean knows(boolean shared) {
    return expected[shared ? 0 : 1] > 0;
  }

  /** Seconds of a sum of expected seconds. */
  double seconds(double expectedSeconds, boolean shared) {
    return knows(shared)
        ? expectedSeconds * taken[shared ? 0 : 1] / expected[shared ? 0 : 1]
        : expectedSeconds;
  }
}
