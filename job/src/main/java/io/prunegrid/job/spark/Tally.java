package io.prunegrid.job.spark;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How many items of each kind stand where, as people are told. */
final class Tally {
  private final List<WorkItem> items;
  private final State[] states;
  private final Map<String, Map<State, Integer>> counts = new TreeMap<>();

  /** Where an item stands. */
  enum State {
    WAITING,
    RUNNING,
    FINISHED,
    FAILED,
    BLOCKED
  }

  Tally(List<WorkItem> items) {
    this.items = items;
    this.states = new State[items.size()];
    Arrays.fill(states, State.WAITING);
    for (WorkItem item : items) {
      counts
          .computeIfAbsent(item.kind(), kind -> new EnumMap<>(State.class))
          .merge(State.WAITING, 1, Integer::sum);
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
    Map<State, Integer> of = counts.get(items.get(item).kind());
    of.merge(states[item], -1, Integer::sum);
    of.merge(state, 1, Integer::sum);
    states[item] = state;
    return true;
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
    return new Progress(byKind);
  }
}
