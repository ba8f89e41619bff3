package io.prunegrid.job.schedule;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Items that come back: after a pause, to another host than the one where they failed where there
 * is one; and suspects, to an executor of their own.
 */
final class Returning {
  private static final int MOST_LOOKED_AT = 64;

  /** How long an item waits for another host than the one where it failed. */
  private static final long CHOOSY_MILLIS = 300_000;

  private final Items items;
  private final Policy policy;
  private final PriorityQueue<Paused> paused =
      new PriorityQueue<>(Comparator.comparingLong(Paused::due).thenComparingInt(Paused::item));
  private final Deque<Integer> due = new ArrayDeque<>();
  private final Deque<Integer> suspects = new ArrayDeque<>();
  private final BitSet suspected = new BitSet();
  private final Map<Integer, Where> failedOn = new HashMap<>();

  private record Paused(long due, int item) {}

  /** A host that an item would rather not go to, until a time. */
  private record Where(String host, long until) {}

  Returning(Items items, Policy policy) {
    this.items = items;
    this.policy = policy;
  }

  /** How long an item waits before it is tried for the n-th time again, n from 1. */
  long pauseMillis(int retry) {
    long first = policy.firstPause().toMillis();
    long longest = policy.longestPause().toMillis();
    int doublings = Math.min(retry - 1, 40);
    return first > (longest >> doublings) ? longest : first << doublings;
  }

  /** Puts an item in line for a time. */
  void pause(int item, long until, String host) {
    items.move(item, Items.State.RETURNING);
    failedOn.put(item, new Where(host, until + CHOOSY_MILLIS));
    paused.add(new Paused(until, item));
  }

  /** Puts an item in line that must run with nothing beside it. */
  void suspect(int item) {
    items.move(item, Items.State.RETURNING);
    suspected.set(item);
    suspects.add(item);
  }

  /** Lets those whose time has come go on. */
  void advance(long now) {
    while (!paused.isEmpty() && paused.peek().due() <= now) {
      int item = paused.poll().item();
      // what failed in another way meanwhile is as suspect as before
      (suspected.get(item) ? suspects : due).add(item);
    }
  }

  /** How many could run now. */
  int count() {
    return due.size() + suspects.size();
  }

  /** Whether any item waits for an executor of its own. */
  boolean hasSuspect() {
    dropSettled(suspects);
    return !suspects.isEmpty();
  }

  /** The suspect that has waited longest; there is one. */
  int takeSuspect() {
    return suspects.remove();
  }

  /**
   * An item whose pause is over; -1 for none.
   *
   * @param host where it would run
   * @param others whether other hosts could take what failed on this one
   */
  int take(long now, String host, Hosts.Others others) {
    dropSettled(due);
    int looked = 0;
    for (Iterator<Integer> all = due.iterator(); all.hasNext() && looked < MOST_LOOKED_AT; ) {
      int item = all.next();
      looked++;
      boolean returning = items.state(item) == Items.State.RETURNING;
      Where where = failedOn.get(item);
      boolean elsewhere =
          others == Hosts.Others.SOME && where.host().equals(host) && now < where.until();
      if (returning && elsewhere) {
        continue;
      }
      all.remove();
      failedOn.remove(item);
      if (returning) {
        return item;
      }
    }
    return -1;
  }

  private void dropSettled(Deque<Integer> line) {
    while (!line.isEmpty() && items.state(line.peek()) != Items.State.RETURNING) {
      failedOn.remove(line.remove());
    }
  }
}
