package io.prunegrid.job.schedule;

import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The executors that are there, the tasks that run on them, and tasks that have gone lately. */
final class Fleet {
  private static final int REMEMBERED = 10_000;

  private final Map<String, Executor> executors = new HashMap<>();
  private final Map<Long, Task> tasks = new HashMap<>();
  private final Map<Long, Task> gone =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Task> eldest) {
          return size() > REMEMBERED;
        }
      };
  private int slots;
  private int free;

  /** A process that runs tasks. */
  static final class Executor {
    final String id;
    final Set<Task> tasks = new LinkedHashSet<>();
    String host;
    int slots;
    boolean usable = true;

    /** Seen by a task of its own before it was announced. */
    boolean provisional;

    boolean reserved;
    int lastGroup = -1;

    Executor(String id, String host, int slots) {
      this.id = id;
      this.host = host;
      this.slots = slots;
    }

    /** Whether no task but this one has work there. */
    boolean isQuietFor(Task task) {
      for (Task other : tasks) {
        if (other != task && other.isBusy()) {
          return false;
        }
      }
      return true;
    }

    /** Whether a task there must have nothing beside it. */
    boolean isTaken() {
      for (Task task : tasks) {
        if (task.isBusy() && task.company == Decision.Company.NONE) {
          return true;
        }
      }
      return false;
    }

    private int workingSlots() {
      return slots - (int) tasks.stream().filter(task -> task.abandoned).count();
    }

    private int free() {
      return usable ? Math.max(0, slots - tasks.size()) : 0;
    }
  }

  /** One attempt of one Spark task. */
  static final class Task {
    final long id;
    final Executor executor;
    List<Integer> items = List.of();
    final BitSet told = new BitSet();
    Decision.Company company = Decision.Company.ANY;
    int group = -1;
    int current = -1;
    int attempt;

    /** Whether anything ran on the executor while its current item did. */
    boolean hadNeighbours;

    FailureKind killedAs;
    String killedFor = "";
    boolean abandoned;

    Task(long id, Executor executor) {
      this.id = id;
      this.executor = executor;
    }

    /** It begins to do an item. */
    void begin(int item, int attemptOfItem) {
      current = item;
      attempt = attemptOfItem;
      hadNeighbours = false;
      for (Task other : executor.tasks) {
        if (other != this && other.current >= 0) {
          other.hadNeighbours = true;
          hadNeighbours = true;
        }
      }
    }

    boolean isBusy() {
      return !items.isEmpty() && !abandoned;
    }

    /** Notes that it told how an item ended; whether it had done so before. */
    boolean tells(int item) {
      int index = items.indexOf(item);
      if (index < 0) {
        return false;
      }
      boolean before = told.get(index);
      told.set(index);
      return before;
    }
  }

  /** An executor that is there; null where it is not. */
  Executor executor(String id) {
    return executors.get(id);
  }

  Executor join(String id, String host, int executorSlots) {
    Executor executor = new Executor(id, host, executorSlots);
    executors.put(id, executor);
    slots += executorSlots;
    free += executorSlots;
    return executor;
  }

  /** Says what was not known of an executor when its first task asked. */
  void announce(Executor executor, String host, int executorSlots) {
    slots += executor.usable ? executorSlots - executor.slots : 0;
    change(
        executor,
        same -> {
          same.host = host;
          same.slots = executorSlots;
          same.provisional = false;
        });
  }

  /** Takes an executor away; its tasks are gone. */
  void remove(Executor executor) {
    for (Task task : List.copyOf(executor.tasks)) {
      remove(task);
    }
    if (executor.usable) {
      disuse(executor);
    }
    executors.remove(executor.id);
  }

  /** Gives an executor no more work. */
  void disuse(Executor executor) {
    if (executor.usable) {
      slots -= executor.workingSlots();
      change(executor, same -> same.usable = false);
    }
  }

  /** The executors of a host, in the order of their names. */
  List<Executor> of(String host) {
    return executors.values().stream()
        .filter(executor -> executor.host.equals(host))
        .sorted(Comparator.comparing(executor -> executor.id))
        .toList();
  }

  Task task(long id) {
    return tasks.get(id);
  }

  /** A task that is there or has gone lately; null where nothing is known of it. */
  Task known(long id) {
    Task task = tasks.get(id);
    return task == null ? gone.get(id) : task;
  }

  Task start(long id, Executor executor) {
    Task task = new Task(id, executor);
    tasks.put(id, task);
    change(executor, same -> same.tasks.add(task));
    return task;
  }

  void remove(Task task) {
    if (tasks.remove(task.id) != null) {
      gone.put(task.id, task);
      change(task.executor, same -> same.tasks.remove(task));
      if (task.abandoned && task.executor.usable) {
        slots++;
      }
    }
  }

  /** Counts a task's slot as lost until the task ends. */
  void abandon(Task task) {
    task.abandoned = true;
    if (task.executor.usable) {
      slots--;
    }
  }

  /** Slots of executors that may have work, without those that are lost. */
  int slots() {
    return slots;
  }

  /** Those of them where no task is. */
  int freeSlots() {
    return free;
  }

  /** Whether executors are there and none may have work. */
  boolean isUseless() {
    return slots == 0 && !executors.isEmpty();
  }

  private void change(Executor executor, Consumer<Executor> how) {
    free -= executor.free();
    how.accept(executor);
    free += executor.free();
  }
}
