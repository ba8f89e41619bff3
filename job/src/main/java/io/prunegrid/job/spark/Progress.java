package io.prunegrid.job.spark;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far a run has come, by kind of work.
 *
 * @param byKind counts of each kind
 * @param expectedSecondsLeft by kind, how long the items should take that have not settled
 */
public record Progress(
    SortedMap<String, Counts> byKind, SortedMap<String, Double> expectedSecondsLeft) {
  /** Nothing to do. */
  public static final Progress NONE = new Progress(new TreeMap<>(), new TreeMap<>());

  public Progress {
    byKind = Collections.unmodifiableSortedMap(new TreeMap<>(byKind));
    expectedSecondsLeft = Collections.unmodifiableSortedMap(new TreeMap<>(expectedSecondsLeft));
  }

  /**
   * Counts of items.
   *
   * @param total all items of the kind in this run
   * @param running under way now
   * @param finished done, their rows on disk
   * @param failed tried without success
   * @param blocked not tried because work that they need failed
   */
  public record Counts(int total, int running, int finished, int failed, int blocked) {
    /** Items about which nothing more will happen. */
    public int settled() {
      return finished + failed + blocked;
    }
  }

  /** The counts of a kind; all zero where the run has none of it. */
  public Counts of(String kind) {
    return byKind.getOrDefault(kind, new Counts(0, 0, 0, 0, 0));
  }

  /** The counts of everything. */
  public Counts all() {
    int[] sum = new int[5];
    for (Map.Entry<String, Counts> entry : byKind.entrySet()) {
      Counts counts = entry.getValue();
      sum[0] += counts.total();
      sum[1] += counts.running();
      sum[2] += counts.finished();
      sum[3] += counts.failed();
      sum[4] += counts.blocked();
    }
    return new Counts(sum[0], sum[1], sum[2], sum[3], sum[4]);
  }

  /** These counts, and those of an earlier phase for kinds of work that are not among these. */
  public Progress after(Progress earlier) {
    TreeMap<String, Counts> counts = new TreeMap<>(earlier.byKind);
    counts.putAll(byKind);
    TreeMap<String, Double> seconds = new TreeMap<>(earlier.expectedSecondsLeft);
    seconds.putAll(expectedSecondsLeft);
    return new Progress(counts, seconds);
  }
}
