package io.prunegrid.job.schedule;

import java.util.BitSet;

/**
 * Tasks that were submitted and have not asked for work yet. There are as many as free slots can
 * use, and some more so that a slot that becomes free finds one waiting; never more than there is
 * work for. So Spark's jobs stay small however much there is to do.
 */
final class Tickets {
  private static final int MOST_AHEAD = 256;

  private final BitSet open = new BitSet();
  private int outstanding;
  private int next;

  void use(int ticket) {
    if (ticket >= 0 && open.get(ticket)) {
      open.clear(ticket);
      outstanding--;
    }
  }

  void withdraw(int first, int tasks) {
    for (int ticket = first; ticket < first + tasks; ticket++) {
      use(ticket);
    }
  }

  /**
   * How many more tasks to submit.
   *
   * @param work items that could run now
   */
  int more(int work, int slots, int freeSlots) {
    int ahead = Math.min(MOST_AHEAD, Math.max(2, slots));
    int wanted = Math.min(work, freeSlots + ahead);
    return outstanding < Math.min(work, freeSlots + ahead / 2) ? wanted - outstanding : 0;
  }

  /** Notes that so many tasks are submitted; returns the first one's ticket. */
  int submit(int tasks) {
    int first = next;
    open.set(first, first + tasks);
    outstanding += tasks;
    next += tasks;
    return first;
  }
}
