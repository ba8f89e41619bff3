package io.prunegrid.job.store;

import java.util.HashSet;
import java.util.Set;

/** What earlier runs gave up, and what therefore waits until somebody asks for it. */
public final class FailedBefore {
  private FailedBefore() {}

  /**
   * Keys of cells and shared work whose last attempt failed through a fault of their own. What the
   * machinery failed, and what no run came to give up, is not among them.
   */
  public static Set<String> keys(ResultsReader results) {
    Set<String> keys = new HashSet<>();
    results.forEach(
        Attempts.TABLE,
        row -> {
          String key = row.get("key").toString();
          String outcome = row.get("outcome").toString();
          if (Boolean.TRUE.equals(row.get("given_up"))) {
            keys.add(key);
          } else if (!outcome.equals("blocked")) {
            keys.remove(key);
          }
        });
    return keys;
  }
}
