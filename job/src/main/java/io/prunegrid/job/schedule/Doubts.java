package io.prunegrid.job.schedule;

import io.prunegrid.job.schedule.Fleet.Task;
import java.util.HashSet;
import java.util.Set;

/** Whether an item's own failure may have been somebody else's doing. */
final class Doubts {
  private final Items items;
  private final Hosts hosts;
  private final Set<Integer> triedElsewhere = new HashSet<>();

  /** Who else it may have been. */
  enum Doubt {
    NONE,
    /** Neighbours in the same process may have used up the memory. */
    NEIGHBOURS,
    /** The host, which is not trusted any more, or is about to lose us all that needs the item. */
    HOST
  }

  Doubts(Items items, Hosts hosts) {
    this.items = items;
    this.hosts = hosts;
  }

  /** Whom to suspect beside the item itself. */
  Doubt about(Task task, int item, FailureKind kind) {
    if (kind == FailureKind.MEMORY && task.company == Decision.Company.ANY && task.hadNeighbours) {
      return Doubt.NEIGHBOURS;
    }
    boolean throwsThere = kind == FailureKind.CELL || kind == FailureKind.MEMORY;
    if (!throwsThere || hosts.othersThan(task.executor.host) == Hosts.Others.NONE) {
      return Doubt.NONE;
    }
    // what others need is too dear to lose to a broken host, so another one has a try
    boolean dear = items.isShared(item) && triedElsewhere.add(item);
    return dear || hosts.isExcluded(task.executor.host) ? Doubt.HOST : Doubt.NONE;
  }
}
