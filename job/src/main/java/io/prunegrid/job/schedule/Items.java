package io.prunegrid.job.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Where every item stands, in a few bytes each. */
final class Items {
  /** Where an item stands. */
  enum State {
    /** Something that it needs has not finished. */
    WAITING,
    /** It could run. */
    READY,
    /** It is in line to be tried again, later or alone. */
    RETURNING,
    /** A task has it in its bundle and has not begun it. */
    HANDED,
    /** A task does it. */
    RUNNING,
    FINISHED,
    FAILED,
    BLOCKED
  }

  private final Workload work;
  private final Dependents dependents;
  private final State[] states;
  private final int[] missing;
  private final short[] attempts;
  private final short[] retries;
  private final short[] losses;
  private int unsettled;

  Items(Workload work) {
    this.work = work;
    this.dependents = Dependents.of(work);
    this.states = new State[work.size()];
    Arrays.fill(states, State.WAITING);
    this.missing = new int[work.size()];
    this.attempts = new short[work.size()];
    this.retries = new short[work.size()];
    this.losses = new short[work.size()];
    this.unsettled = work.size();
    for (int item = 0; item < work.size(); item++) {
      missing[item] = work.needs(item).length;
    }
  }

  int size() {
    return states.length;
  }

  State state(int item) {
    return states[item];
  }

  boolean isSettled(int item) {
    return states[item].compareTo(State.FINISHED) >= 0;
  }

  /** Whether something else needs it. */
  boolean isShared(int item) {
    return dependents.count(item) > 0;
  }

  int unsettled() {
    return unsettled;
  }

  /** Moves an item between states that are not its last. */
  void move(int item, State state) {
    if (isSettled(item)) {
      unsettled++;
    }
    states[item] = state;
    if (isSettled(item)) {
      unsettled--;
    }
  }

  /** Items without needs, in order. */
  List<Integer> readyAtOnce() {
    List<Integer> ready = new ArrayList<>();
    for (int item = 0; item < missing.length; item++) {
      if (missing[item] == 0) {
        ready.add(item);
      }
    }
    return ready;
  }

  /** Marks an item finished; returns those that waited for nothing else. */
  List<Integer> finish(int item) {
    move(item, State.FINISHED);
    List<Integer> ready = new ArrayList<>();
    for (int i = 0; i < dependents.count(item); i++) {
      int dependent = dependents.get(item, i);
      if (--missing[dependent] == 0 && state(dependent) == State.WAITING) {
        ready.add(dependent);
      }
    }
    return ready;
  }

  /** Marks an item failed; returns all that it blocks, directly or not. */
  List<Integer> fail(int item) {
    move(item, State.FAILED);
    List<Integer> blocked = new ArrayList<>();
    block(item, blocked);
    for (int next = 0; next < blocked.size(); next++) {
      block(blocked.get(next), blocked);
    }
    return blocked;
  }

  private void block(int item, List<Integer> blocked) {
    for (int i = 0; i < dependents.count(item); i++) {
      int dependent = dependents.get(item, i);
      if (!isSettled(dependent)) {
        move(dependent, State.BLOCKED);
        blocked.add(dependent);
      }
    }
  }

  /** Counts an attempt; returns its number, from 0. */
  int beginAttempt(int item) {
    return attempts[item]++;
  }

  int countRetry(int item) {
    return ++retries[item];
  }

  int countLoss(int item) {
    return ++losses[item];
  }

  int losses(int item) {
    return losses[item];
  }

  /**
   * The longest way from the beginning of each item to the end of the last that needs it, in
   * expected seconds (Topcuoglu, Hariri and Wu's upward rank, without communication).
   */
  float[] ranks() {
    float[] ranks = new float[work.size()];
    int[] order = dependents.order();
    for (int last = order.length - 1; last >= 0; last--) {
      int item = order[last];
      float after = 0;
      for (int i = 0; i < dependents.count(item); i++) {
        after = Math.max(after, ranks[dependents.get(item, i)]);
      }
      ranks[item] = (float) work.seconds(item) + after;
    }
    return ranks;
  }
}
