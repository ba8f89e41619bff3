package io.prunegrid.job.schedule;

import io.prunegrid.job.schedule.Fleet.Executor;
import io.prunegrid.job.schedule.Fleet.Task;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which work goes to a task that has a slot: suspects to an executor that has nothing else, what
 * comes back to another host, and else a bundle of the group whose inputs the executor has loaded.
 */
final class Placement {
  private static final long WAIT_MILLIS = 100;
  private static final long PARK_MILLIS = 1000;

  /** Of so many slots' executors, one at a time may be emptied for a suspect. */
  private static final int SLOTS_OF_A_RESERVATION = 8;

  private final Workload work;
  private final Items items;
  private final ReadyGroups ready;
  private final Bundling bundling;
  private final Returning returning;
  private final Fleet fleet;
  private final Hosts hosts;
  private final Map<Integer, Task> owners = new HashMap<>();
  private int reserved;

  Placement(
      Workload work,
      Items items,
      ReadyGroups ready,
      Bundling bundling,
      Returning returning,
      Fleet fleet,
      Hosts hosts) {
    this.work = work;
    this.items = items;
    this.ready = ready;
    this.bundling = bundling;
    this.returning = returning;
    this.fleet = fleet;
    this.hosts = hosts;
  }

  /** What a task that asks for work is told. */
  Decision.Answer answer(Task task, long now) {
    if (!task.items.isEmpty()) {
      return new Decision.Give(task.id, task.items, task.company);
    }
    if (!task.executor.usable) {
      return new Decision.Wait(task.id, PARK_MILLIS);
    }
    if (task.executor.isTaken() || keptFree(task)) {
      return new Decision.Wait(task.id, WAIT_MILLIS);
    }
    return give(task, now);
  }

  /** Whether a task may begin a further item of its bundle where it is. */
  boolean mayBegin(Task task) {
    boolean makesRoom =
        task.executor.reserved && task.company == Decision.Company.ANY && returning.hasSuspect();
    return task.executor.usable && !makesRoom && task.killedAs == null;
  }

  /** Whether an item is in a task's bundle and nobody has it instead. */
  boolean owns(Task task, int item) {
    return owners.get(item) == task;
  }

  /** Takes an item from whoever has it. */
  void release(int item) {
    owners.remove(item);
  }

  /** Whether the task's executor is being emptied for a suspect. */
  private boolean keptFree(Task task) {
    Executor executor = task.executor;
    if (!returning.hasSuspect()) {
      endReservation(executor);
      return false;
    }
    if (executor.isQuietFor(task)) {
      return false;
    }
    if (!executor.reserved && reserved <= fleet.slots() / SLOTS_OF_A_RESERVATION) {
      executor.reserved = true;
      reserved++;
    }
    return executor.reserved;
  }

  void endReservation(Executor executor) {
    if (executor.reserved) {
      executor.reserved = false;
      reserved--;
    }
  }

  private Decision.Answer give(Task task, long now) {
    Executor executor = task.executor;
    if (returning.hasSuspect() && executor.isQuietFor(task)) {
      endReservation(executor);
      task.company = Decision.Company.NONE;
      return hand(task, List.of(returning.takeSuspect()));
    }
    if (returning.count() > 0) {
      int item = returning.take(now, executor.host, hosts.othersThan(executor.host));
      if (item >= 0) {
        return hand(task, List.of(item));
      }
    }
    List<Integer> bundle = bundling.take(executor.lastGroup, Math.max(1, fleet.slots()));
    if (!bundle.isEmpty()) {
      task.group = work.group(bundle.get(bundle.size() - 1));
      executor.lastGroup = task.group;
      ready.work(task.group, 1);
      return hand(task, bundle);
    }
    if (returning.count() > 0) {
      return new Decision.Wait(task.id, WAIT_MILLIS);
    }
    fleet.remove(task);
    return new Decision.Dismiss(task.id);
  }

  private Decision.Answer hand(Task task, List<Integer> bundle) {
    task.items = List.copyOf(bundle);
    for (int item : bundle) {
      items.move(item, Items.State.HANDED);
      owners.put(item, task);
    }
    return new Decision.Give(task.id, task.items, task.company);
  }

  /** Makes what a task that is over had not done ready for others. */
  void end(Task task) {
    if (task.group >= 0) {
      ready.work(task.group, -1);
      task.group = -1;
    }
    for (int i = task.items.size() - 1; i >= 0; i--) {
      int item = task.items.get(i);
      if (owners.get(item) == task) {
        giveBack(task, item);
      }
    }
  }

  /** Makes an item of a task ready for others. */
  void giveBack(Task task, int item) {
    owners.remove(item);
    if (task.company == Decision.Company.NONE) {
      returning.suspect(item);
    } else {
      ready.giveBack(item);
    }
  }
}
