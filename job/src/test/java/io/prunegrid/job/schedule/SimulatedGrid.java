package io.prunegrid.job.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;

/** A clock, executors with slots, and tasks that wait for one: what Spark is to the scheduler. */
final class SimulatedGrid {
  private final PriorityQueue<Due> agenda =
      new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));
  private final Map<String, SimulatedExecutor> alive = new LinkedHashMap<>();
  private final Deque<SimulatedExecutor> free = new ArrayDeque<>();
  private final Deque<Integer> tickets = new ArrayDeque<>();
  private final Set<String> excluded = new HashSet<>();
  private long now;
  private long order;
  private long tasks;
  private double slotSeconds;
  private long counted;
  private int slots;

  /** Something that will happen. */
  private record Due(long at, long order, Runnable what) {}

  /** A process. */
  static final class SimulatedExecutor {
    final String id;
    final String host;
    final int slots;
    final double slowness;
    final Map<Long, SimulatedTask> tasks = new LinkedHashMap<>();
    final LruGroups loaded = new LruGroups();
    boolean dead;
    boolean cutOff;

    SimulatedExecutor(String id, String host, int slots, double slowness) {
      this.id = id;
      this.host = host;
      this.slots = slots;
      this.slowness = slowness;
    }
  }

  /** The last few groups whose inputs a process holds. */
  static final class LruGroups {
    private static final int MOST = 4;
    private final Deque<Integer> groups = new ArrayDeque<>();

    /** Whether a group has to be loaded. */
    boolean load(int group) {
      boolean there = groups.remove(group);
      groups.addLast(group);
      if (groups.size() > MOST) {
        groups.removeFirst();
      }
      return !there;
    }
  }

  /** An attempt of a task. */
  static final class SimulatedTask {
    final long id;
    final int ticket;
    final SimulatedExecutor executor;
    List<Integer> items = List.of();
    int next;
    int current = -1;
    long began;
    boolean over;

    SimulatedTask(long id, int ticket, SimulatedExecutor executor) {
      this.id = id;
      this.ticket = ticket;
      this.executor = executor;
    }
  }

  long now() {
    return now;
  }

  void after(long millis, Runnable what) {
    agenda.add(new Due(now + Math.max(0, millis), order++, what));
  }

  /** Lets the next thing happen; false where nothing is left. */
  boolean step() {
    Due due = agenda.poll();
    if (due == null) {
      return false;
    }
    now = due.at();
    due.what().run();
    return true;
  }

  void join(SimulatedExecutor executor) {
    count();
    slots += counted(executor);
    alive.put(executor.id, executor);
    for (int slot = 0; slot < executor.slots; slot++) {
      free.add(executor);
    }
  }

  /** An executor is gone: Spark will start its tasks elsewhere, before others. */
  void lose(SimulatedExecutor executor) {
    if (alive.remove(executor.id) == null) {
      return;
    }
    count();
    slots -= counted(executor);
    free.removeIf(one -> one == executor);
    for (SimulatedTask task : new ArrayList<>(executor.tasks.values())) {
      tickets.addFirst(task.ticket);
    }
  }

  /** A host gets no more work: its slots do not count. */
  void exclude(String host) {
    count();
    excluded.add(host);
    slots = 0;
    for (SimulatedExecutor executor : alive.values()) {
      slots += counted(executor);
    }
  }

  private int counted(SimulatedExecutor executor) {
    return excluded.contains(executor.host) ? 0 : executor.slots;
  }

  void submit(int first, int number) {
    for (int ticket = first; ticket < first + number; ticket++) {
      tickets.add(ticket);
    }
  }

  /** A task for a free slot; null where there is none. */
  SimulatedTask start() {
    if (tickets.isEmpty() || free.isEmpty()) {
      return null;
    }
    SimulatedExecutor executor = free.remove();
    SimulatedTask task = new SimulatedTask(tasks++, tickets.remove(), executor);
    executor.tasks.put(task.id, task);
    return task;
  }

  /** A task is over; its slot is free where its executor is still there. */
  void end(SimulatedTask task) {
    if (!task.over) {
      task.over = true;
      task.executor.tasks.remove(task.id);
      if (alive.containsKey(task.executor.id)) {
        free.add(task.executor);
      }
    }
  }

  /** A task of an executor that is there; null where there is none. */
  SimulatedTask task(long id) {
    return alive.values().stream()
        .map(executor -> executor.tasks.get(id))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  List<SimulatedExecutor> executors() {
    return List.copyOf(alive.values());
  }

  private void count() {
    slotSeconds += slots * (now - counted) * 1e-3;
    counted = now;
  }

  /** Seconds that slots were there for work, all together, until now. */
  double slotSeconds() {
    count();
    return slotSeconds;
  }
}
