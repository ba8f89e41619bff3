package io.prunegrid.job.spark;

import java.io.Serializable;
import java.util.List;
import java.util.Set;

/**
 * Work that one slot does in this order, because what it loads for the first item serves the others
 * too; rows leave one by one nevertheless. It is ready when every item that it needs has finished.
 *
 * @param items at least one
 * @param needs keys of items of other bundles of the same run
 */
public record Bundle(List<WorkItem> items, Set<String> needs) implements Serializable {
  public Bundle {
    items = List.copyOf(items);
    needs = Set.copyOf(needs);
    if (items.isEmpty()) {
      throw new IllegalArgumentException("a bundle needs at least one item");
    }
  }

  /** A bundle that is ready at once. */
  public static Bundle of(WorkItem... items) {
    return new Bundle(List.of(items), Set.of());
  }
}
