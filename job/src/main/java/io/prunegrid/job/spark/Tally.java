package io.prunegrid.job.spark;

import io.prunegrid.job.schedule.Workload;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How many items of each kind stand where, as people are told. */
final class Tally {
  private final List<WorkItem> items;
  private final State[] states;
  private final Workload load;
  private final Map<String, Map<State, Integer>> counts = new TreeMap<>();
  private final Map<String, Double> secondsLeft = new TreeMap<>();

  /** Where an item stands. */
  enum State {
    WAITING,
    RUNNING,
    /** Done, its rows on their way to the disk. */
    HANDED_OVER,
    FINISHED,
    FAILED,
    BLOCKED
  }

  Tally(Work work) {
    this.items = work.items();
    this.load = work.load();
    this.states = new State[items.size()];
    Arrays.fill(states, State.WAITING);
    for (int item = 0; item < items.size(); item++) {
      String kind = items.get(item).kind();
      counts
          .computeIfAbsent(kind, name -> new EnumMap<>(State.class))
          .merge(State.WAITING, 1, Integer::sum);
      secondsLeft.merge(kind, load.seconds(item), Double::sum);
    }
  }

  State state(int item) {
    return states[item];
  }

  /** Moves an item; whether it was elsewhere before. */
  boolean move(int item, State state) {
    if (states[item] == state) {
      return false;
    }
    String kind = items.get(item).kind();
    Map<State, Integer> of = counts.get(kind);
    of.merge(states[item], -1, Integer::sum);
    of.merge(state, 1, Integer::sum);
    if (isSettled(states[item]) != isSettled(state)) {
      secondsLeft.merge(
          kind, isSettled(state) ? -load.seconds(item) : load.seconds(item), Double::sum);
    }
    states[item] = state;
    return true;
  }

  private static boolean isSettled(State state) {
    return switch (state) {
      case WAITING, RUNNING -> false;
      case HANDED_OVER, FINISHED, FAILED, BLOCKED -> true;
    };
  }

  Progress progress() {
    TreeMap<String, Progress.Counts> byKind = new TreeMap<>();
    counts.forEach(
        (kind, of) ->
            byKind.put(
                kind,
                new Progress.Counts(
                    of.values().stream().mapToInt(Integer::intValue).sum(),
                    of.getOrDefault(State.RUNNING, 0),
                    of.getOrDefault(State.FINISHED, 0),
                    of.getOrDefault(State.FAILED, 0),
                    of.getOrDefault(State.BLOCKED, 0))));
    return new Progress(byKind, new TreeMap<>(secondsLeft));
  }
}
