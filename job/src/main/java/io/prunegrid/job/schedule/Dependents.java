package io.prunegrid.job.schedule;

/** Who needs whom, turned round: the items that need an item, all in two arrays. */
final class Dependents {
  private final Workload work;
  private final int[] from;
  private final int[] dependents;

  private Dependents(Workload work, int[] from, int[] dependents) {
    this.work = work;
    this.from = from;
    this.dependents = dependents;
  }

  static Dependents of(Workload work) {
    int[] from = new int[work.size() + 1];
    for (int item = 0; item < work.size(); item++) {
      for (int need : work.needs(item)) {
        if (need < 0 || need >= work.size()) {
          throw new IllegalArgumentException(
              "item " + item + " needs " + need + ", which is no item of this run");
        }
        from[need + 1]++;
      }
    }
    for (int item = 0; item < work.size(); item++) {
      from[item + 1] += from[item];
    }
    int[] next = from.clone();
    int[] dependents = new int[from[work.size()]];
    for (int item = 0; item < work.size(); item++) {
      for (int need : work.needs(item)) {
        dependents[next[need]++] = item;
      }
    }
    return new Dependents(work, from, dependents);
  }

  int count(int item) {
    return from[item + 1] - from[item];
  }

  int get(int item, int index) {
    return dependents[from[item] + index];
  }

  /** Items that wait for each other in a circle would wait for ever. */
  void checkOrder() {
    order();
  }

  /** The items, each after all that it needs. */
  int[] order() {
    int size = work.size();
    int[] missing = new int[size];
    int[] order = new int[size];
    int reached = 0;
    for (int item = 0; item < size; item++) {
      missing[item] = work.needs(item).length;
      if (missing[item] == 0) {
        order[reached++] = item;
      }
    }
    for (int done = 0; done < reached; done++) {
      int item = order[done];
      for (int i = 0; i < count(item); i++) {
        int dependent = get(item, i);
        if (--missing[dependent] == 0) {
          order[reached++] = dependent;
        }
      }
    }
    if (reached < size) {
      throw new IllegalArgumentException("some items need each other in a circle");
    }
    return order;
  }
}
