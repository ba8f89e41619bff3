package io.prunegrid.job.spark;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;

/** What is ready, what waits for what, what is blocked: plain bookkeeping without a clock. */
final class Agenda {
  private enum State {
    WAITING,
    RUNNING,
    FINISHED,
    FAILED,
    BLOCKED
  }

  private final Map<String, WorkItem> items = new LinkedHashMap<>();
  private final Map<String, State> states = new HashMap<>();
  private final Map<String, List<Waiting>> waitingFor = new HashMap<>();
  private final Map<String, Map<State, Integer>> counts = new TreeMap<>();
  private final Queue<Bundle> ready = new ArrayDeque<>();
  private int unsettled;

  /** A bundle and what it still needs; each is itself alone. */
  private static final class Waiting {
    private final Bundle bundle;
    private final Set<String> missing;

    Waiting(Bundle bundle) {
      this.bundle = bundle;
      this.missing = new HashSet<>(bundle.needs());
    }
  }

  Agenda(List<Bundle> bundles) {
    for (Bundle bundle : bundles) {
      for (WorkItem item : bundle.items()) {
        if (items.putIfAbsent(item.key(), item) != null) {
          throw new IllegalArgumentException("two items have the key " + item.key());
        }
        states.put(item.key(), State.WAITING);
        counts(item).merge(State.WAITING, 1, Integer::sum);
      }
    }
    unsettled = items.size();
    for (Bundle bundle : bundles) {
      if (bundle.needs().isEmpty()) {
        ready.add(bundle);
        continue;
      }
      Waiting waiting = new Waiting(bundle);
      for (String need : bundle.needs()) {
        if (!items.containsKey(need)) {
          throw new IllegalArgumentException(
              "a bundle needs " + need + ", which is no item of this run");
        }
        waitingFor.computeIfAbsent(need, key -> new ArrayList<>()).add(waiting);
      }
    }
    checkOrder();
  }

  boolean isDone() {
    return unsettled == 0;
  }

  WorkItem item(String key) {
    return items.get(key);
  }

  /** Takes all bundles that are ready now. */
  List<Bundle> takeReady() {
    List<Bundle> taken = List.copyOf(ready);
    ready.clear();
    return taken;
  }

  boolean hasReady() {
    return !ready.isEmpty();
  }

  void began(String key) {
    if (states.get(key) == State.WAITING) {
      move(key, State.RUNNING);
    }
  }

  /** Marks an item finished; bundles that needed nothing else become ready. */
  void finished(String key) {
    if (!settle(key, State.FINISHED)) {
      return;
    }
    for (Waiting waiting : waitingFor.getOrDefault(key, List.of())) {
      waiting.missing.remove(key);
      if (waiting.missing.isEmpty()) {
        ready.add(waiting.bundle);
      }
    }
  }

  /** Marks an item failed; returns all items that are blocked by it, directly or not. */
  Collection<WorkItem> failed(String key) {
    Map<String, WorkItem> blocked = new LinkedHashMap<>();
    if (settle(key, State.FAILED)) {
      block(key, blocked);
    }
    return blocked.values();
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

  private void block(String key, Map<String, WorkItem> blocked) {
    for (Waiting waiting : waitingFor.getOrDefault(key, List.of())) {
      for (WorkItem item : waiting.bundle.items()) {
        if (settle(item.key(), State.BLOCKED)) {
          blocked.put(item.key(), item);
          block(item.key(), blocked);
        }
      }
    }
  }

  private boolean settle(String key, State state) {
    State before = states.get(key);
    if (before != State.WAITING && before != State.RUNNING) {
      return false;
    }
    move(key, state);
    unsettled--;
    return true;
  }

  private void move(String key, State state) {
    Map<State, Integer> of = counts(items.get(key));
    of.merge(states.put(key, state), -1, Integer::sum);
    of.merge(state, 1, Integer::sum);
  }

  private Map<State, Integer> counts(WorkItem item) {
    return counts.computeIfAbsent(item.kind(), kind -> new EnumMap<>(State.class));
  }

  /** Bundles that wait for each other in a circle would wait for ever. */
  private void checkOrder() {
    Map<Waiting, Integer> missing = new HashMap<>();
    waitingFor.values().forEach(all -> all.forEach(one -> missing.put(one, one.missing.size())));
    Queue<String> done = new ArrayDeque<>();
    ready.forEach(bundle -> bundle.items().forEach(item -> done.add(item.key())));
    int reached = 0;
    for (String key = done.poll(); key != null; key = done.poll()) {
      reached++;
      for (Waiting waiting : waitingFor.getOrDefault(key, List.of())) {
        if (missing.merge(waiting, -1, Integer::sum) == 0) {
          waiting.bundle.items().forEach(item -> done.add(item.key()));
        }
      }
    }
    if (reached < items.size()) {
      throw new IllegalArgumentException("some bundles need each other in a circle");
    }
  }
}
