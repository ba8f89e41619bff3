package io.prunegrid.job.schedule;

import java.time.Duration;

/**
 * The rules of a run.
 *
 * @param losses processes that an item may lose, the last time alone, before it is given up; at
 *     least 1; two more where the last was ended by a signal
 * @param retries times that an item is tried again after failures that are not its own, at least 0
 * @param firstPause before the first of these; each further one waits twice as long
 * @param longestPause but no longer than this
 * @param hostFailures different items that fail on a host in a row, while others finish elsewhere,
 *     until the host gets no more work; 0: never
 * @param onFailure what an item's failure means for the others
 * @param sameFailures the run stops when so many first items fail in the same way; 0: never
 * @param longestBundle how long a bundle should take at most
 * @param largestBundle items of a bundle at most, at least 1
 * @param patience how long a killed task may take to end before its slot counts as lost
 */
public record Policy(
    int losses,
    int retries,
    Duration firstPause,
    Duration longestPause,
    int hostFailures,
    OnFailure onFailure,
    int sameFailures,
    Duration longestBundle,
    int largestBundle,
    Duration patience) {

  /** The rules where nobody asked for others. */
  public static final Policy DEFAULT =
      new Policy(
          2,
          3,
          Duration.ofSeconds(2),
          Duration.ofMinutes(2),
          5,
          OnFailure.GO_ON,
          0,
          Duration.ofSeconds(60),
          1000,
          Duration.ofSeconds(90));

  public Policy {
    if (losses < 1 || retries < 0 || hostFailures < 0 || sameFailures < 0 || largestBundle < 1) {
      throw new IllegalArgumentException(
          "losses and largestBundle must be at least 1, the other counts at least 0");
    }
  }

  /** What an item's failure means for the others. */
  public enum OnFailure {
    /** They go on. */
    GO_ON,
    /** The run stops at the first. */
    STOP
  }

  /** These rules with so many tries after failures that are not the item's own. */
  public Policy withRetries(int retries) {
    return new Policy(
        losses,
        retries,
        firstPause,
        longestPause,
        hostFailures,
        onFailure,
        sameFailures,
        longestBundle,
        largestBundle,
        patience);
  }

  /** These rules with another answer to failures. */
  public Policy withOnFailure(OnFailure onFailure) {
    return new Policy(
        losses,
        retries,
        firstPause,
        longestPause,
        hostFailures,
        onFailure,
        sameFailures,
        longestBundle,
        largestBundle,
        patience);
  }

  /** These rules, stopping when the first items fail in the same way. */
  public Policy withSameFailures(int sameFailures) {
    return new Policy(
        losses,
        retries,
        firstPause,
        longestPause,
        hostFailures,
        onFailure,
        sameFailures,
        longestBundle,
        largestBundle,
        patience);
  }
}
