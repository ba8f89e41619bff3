package io.prunegrid.job.schedule;

import java.util.Arrays;
import java.util.TreeSet;

/**
 * Items that could run, by group. What others need comes first, then groups that fewer tasks work
 * on, then long ones before short ones, then the order of the workload.
 */
final class ReadyGroups {
  private static final int NONE = -1;

  private final Workload work;
  private final Items items;
  private final int[] first;
  private final int[] last;
  private final int[] next;
  private final int[] workers;
  private final float[] ranks;
  private final boolean[] shared;
  private final TreeSet<Integer> order;
  private final double[] seconds = new double[2];
  private final int[] counts = new int[2];

  ReadyGroups(Workload work, Items items) {
    this.work = work;
    this.items = items;
    int groups = 0;
    for (int item = 0; item < work.size(); item++) {
      groups = Math.max(groups, work.group(item) + 1);
    }
    first = filled(groups);
    last = filled(groups);
    next = filled(work.size());
    workers = new int[groups];
    ranks = new float[groups];
    shared = new boolean[groups];
    float[] itemRanks = items.ranks();
    for (int item = 0; item < work.size(); item++) {
      int group = work.group(item);
      ranks[group] = Math.max(ranks[group], itemRanks[item]);
      shared[group] |= items.isShared(item);
    }
    order = new TreeSet<>(this::compare);
  }

  private static int[] filled(int length) {
    int[] values = new int[length];
    Arrays.fill(values, NONE);
    return values;
  }

  private int compare(int a, int b) {
    if (shared[a] != shared[b]) {
      return shared[a] ? -1 : 1;
    }
    if (workers[a] != workers[b]) {
      return Integer.compare(workers[a], workers[b]);
    }
    if (ranks[a] != ranks[b]) {
      return Float.compare(ranks[b], ranks[a]);
    }
    return Integer.compare(a, b);
  }

  /** How many items are ready. */
  int count() {
    return counts[0] + counts[1];
  }

  /** Expected seconds of all ready items whose groups are shared, or are not. */
  double seconds(boolean ofShared) {
    return counts[index(ofShared)] == 0 ? 0 : Math.max(0, seconds[index(ofShared)]);
  }

  boolean isShared(int group) {
    return shared[group];
  }

  /** Puts an item behind the others of its group. */
  void add(int item) {
    int group = enter(item);
    next[item] = NONE;
    if (first[group] == NONE) {
      first[group] = item;
      order.add(group);
    } else {
      next[last[group]] = item;
    }
    last[group] = item;
  }

  /** Puts an item that was handed out and not begun before the others of its group. */
  void giveBack(int item) {
    int group = enter(item);
    next[item] = first[group];
    if (first[group] == NONE) {
      last[group] = item;
      order.add(group);
    }
    first[group] = item;
  }

  private int enter(int item) {
    items.move(item, Items.State.READY);
    int group = work.group(item);
    count(group, item, 1);
    return group;
  }

  /** Says that a ready item is ready no more; its place in line is skipped later. */
  void forget(int item) {
    count(work.group(item), item, -1);
  }

  private void count(int group, int item, int sign) {
    counts[index(shared[group])] += sign;
    seconds[index(shared[group])] += sign * work.seconds(item);
  }

  /** The group to go on with: the one before where that has work and nothing more urgent has. */
  int choose(int before) {
    clean();
    if (order.isEmpty()) {
      return NONE;
    }
    int best = order.first();
    boolean stay = before >= 0 && peek(before) != NONE && (shared[before] || !shared[best]);
    return stay ? before : best;
  }

  /** The next item of a group, left in line; -1 where it has none. */
  int peek(int group) {
    while (first[group] != NONE && items.state(first[group]) != Items.State.READY) {
      drop(group);
    }
    return first[group];
  }

  /** Takes the item that {@link #peek} shows. */
  int take(int group) {
    int item = first[group];
    drop(group);
    forget(item);
    return item;
  }

  private void clean() {
    while (!order.isEmpty() && peek(order.first()) == NONE) {
      order.pollFirst();
    }
  }

  private void drop(int group) {
    first[group] = next[first[group]];
    if (first[group] == NONE) {
      last[group] = NONE;
      order.remove(group);
    }
  }

  /** Counts a task that works on a group, or one that no longer does. */
  void work(int group, int change) {
    boolean listed = order.remove(group);
    workers[group] += change;
    if (listed) {
      order.add(group);
    }
  }

  private static int index(boolean ofShared) {
    return ofShared ? 0 : 1;
  }
}
