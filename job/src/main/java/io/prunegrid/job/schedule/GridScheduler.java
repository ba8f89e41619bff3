package io.prunegrid.job.schedule;

import io.prunegrid.job.schedule.Fleet.Executor;
import io.prunegrid.job.schedule.Fleet.Task;
import io.prunegrid.job.schedule.Items.State;
import java.util.ArrayList;
import java.util.List;

/**
 * The scheduler of a run. Tasks are bound to work when they have a slot (late binding, as in
 * Ousterhout and others' Sparrow), so it knows what runs beside what: suspects get an executor of
 * their own, a host that is not trusted gets nothing, and an executor goes on with the group whose
 * inputs it has loaded.
 */
public final class GridScheduler implements Scheduler {
  /** Whoever ends processes from outside hits the same item again by bad luck. */
  private static final int SIGNALS_FORGIVEN = 2;

  private final Workload work;
  private final Policy policy;
  private final Items items;
  private final ReadyGroups ready;
  private final Estimates estimates;
  private final Returning returning;
  private final Fleet fleet = new Fleet();
  private final Hosts hosts;
  private final SameFailures sameFailures;
  private final Deadlines deadlines = new Deadlines();
  private final Tickets tickets = new Tickets();
  private final Placement placement;
  private final Doubts doubts;
  private List<Decision> decisions = List.of();
  private long now;
  private boolean stopped;

  /** A scheduler for a run of this work by these rules. */
  public GridScheduler(Workload work, Policy policy) {
    this.work = work;
    this.policy = policy;
    this.items = new Items(work);
    this.ready = new ReadyGroups(work, items);
    this.estimates = new Estimates(work);
    this.returning = new Returning(items, policy);
    this.hosts = new Hosts(policy);
    this.doubts = new Doubts(items, hosts);
    this.sameFailures = new SameFailures(policy, hosts);
    this.placement =
        new Placement(
            work,
            items,
            ready,
            new Bundling(work, ready, estimates, policy),
            returning,
            fleet,
            hosts);
    items.readyAtOnce().forEach(ready::add);
  }

  @Override
  public boolean isDone() {
    return stopped || items.unsettled() == 0;
  }

  @Override
  public List<Decision> on(Event event) {
    decisions = new ArrayList<>(2);
    now = event.at();
    returning.advance(now);
    if (event instanceof Event.Asked asked) {
      decisions.add(answer(asked));
    } else if (event instanceof Event.Began began) {
      decisions.add(answer(began));
    } else if (event instanceof Event.Finished finished) {
      finished(finished);
    } else if (event instanceof Event.Failed failed) {
      failed(failed);
    } else if (event instanceof Event.Ended ended) {
      ended(ended);
    } else if (event instanceof Event.Joined joined) {
      joined(joined);
    } else if (event instanceof Event.Lost lost) {
      lost(lost);
    } else if (event instanceof Event.Refused refused) {
      refuse(fleet.executor(refused.executor()), refused.reason());
    } else if (event instanceof Event.Withdrawn withdrawn) {
      tickets.withdraw(withdrawn.firstTicket(), withdrawn.tasks());
    } else if (event instanceof Event.Tick) {
      tick();
    }
    if (!isDone()) {
      submit();
    }
    return decisions;
  }

  private void submit() {
    int more = tickets.more(ready.count() + returning.count(), fleet.slots(), fleet.freeSlots());
    if (more > 0) {
      decisions.add(new Decision.Submit(tickets.submit(more), more));
    }
  }

  private void joined(Event.Joined event) {
    Executor executor = fleet.executor(event.executor());
    if (executor != null && !executor.provisional) {
      return;
    }
    if (executor != null) {
      hosts.lost(executor.host);
      fleet.announce(executor, event.host(), event.slots());
    } else {
      executor = fleet.join(event.executor(), event.host(), event.slots());
    }
    hosts.joined(executor.host);
    if (hosts.isExcluded(executor.host)) {
      disuse(executor);
    }
  }

  /** The executor of a task; its task may ask before Spark says that it is there. */
  private Executor executorOf(Event.Asked asked) {
    Executor executor = fleet.executor(asked.executor());
    if (executor == null) {
      executor = fleet.join(asked.executor(), asked.executor(), 1);
      executor.provisional = true;
      hosts.joined(executor.host);
    }
    return executor;
  }

  private Decision answer(Event.Asked asked) {
    tickets.use(asked.ticket());
    Task task = fleet.task(asked.task());
    if (task == null) {
      if (fleet.known(asked.task()) != null) {
        return new Decision.Dismiss(asked.task());
      }
      task = fleet.start(asked.task(), executorOf(asked));
    }
    if (task.items.isEmpty() && isDone()) {
      fleet.remove(task);
      return new Decision.Dismiss(task.id);
    }
    return placement.answer(task, now);
  }

  private Decision answer(Event.Began began) {
    int item = began.item();
    Task task = fleet.task(began.task());
    if (task == null || !placement.owns(task, item) || isDone()) {
      return new Decision.Leave(began.task(), item);
    }
    if (items.state(item) == State.RUNNING) {
      return new Decision.Go(task.id, item, task.attempt);
    }
    if (!placement.mayBegin(task)) {
      placement.giveBack(task, item);
      return new Decision.Leave(task.id, item);
    }
    items.move(item, State.RUNNING);
    task.begin(item, items.beginAttempt(item));
    double limit = work.limitSeconds(item);
    if (limit > 0) {
      deadlines.add(
          new Deadlines.Deadline(
              now + Math.round(1000 * limit), task.id, item, task.attempt, Deadlines.Limit.TIME));
    }
    return new Decision.Go(task.id, item, task.attempt);
  }

  private void finished(Event.Finished event) {
    int item = event.item();
    Task task = fleet.known(event.task());
    if (task != null && task.tells(item)) {
      decisions.add(new Decision.Drop(event.task(), item));
      return;
    }
    decisions.add(new Decision.Take(event.task(), item));
    if (task != null) {
      hosts.finished(task.executor.host);
      if (task.current == item) {
        task.current = -1;
      }
    }
    State before = items.state(item);
    if (before == State.FINISHED) {
      return;
    }
    if (before == State.READY) {
      ready.forget(item);
    }
    placement.release(item);
    boolean shared = items.isShared(item);
    estimates.learn(item, shared, event.seconds());
    if (!shared) {
      sameFailures.finished();
    }
    items.finish(item).forEach(ready::add);
    if (task != null) {
      hosts.failedAll(task.executor.host).forEach(this::exclude);
    }
  }

  private void failed(Event.Failed event) {
    int item = event.item();
    Task task = fleet.known(event.task());
    if (task != null && task.tells(item)) {
      decisions.add(new Decision.Drop(event.task(), item));
      return;
    }
    decisions.add(new Decision.Take(event.task(), item));
    if (task == null || !placement.owns(task, item)) {
      return;
    }
    task.current = -1;
    FailureKind kind = task.killedAs == null ? event.kind() : task.killedAs;
    if (kind == FailureKind.DEVICE) {
      refuse(task.executor, event.signature());
    }
    Doubts.Doubt doubt = doubts.about(task, item, kind);
    if (doubt != Doubts.Doubt.NONE) {
      again(task, item, doubt);
      decisions.add(new Decision.Retry(item, -1, kind, event.signature(), now));
    } else if (kind.isOfTheItem()) {
      giveUp(task, item, -1, kind, event.signature());
    } else {
      retry(task, item, -1, kind, event.signature());
    }
    blame(task.executor.host, item);
  }

  private void again(Task task, int item, Doubts.Doubt doubt) {
    placement.release(item);
    if (doubt == Doubts.Doubt.NEIGHBOURS) {
      returning.suspect(item);
    } else {
      returning.pause(item, now, task.executor.host);
    }
  }

  /** Tries again after a pause what failed without a fault of its own, up to the limit. */
  private void retry(Task task, int item, int attempt, FailureKind kind, String reason) {
    // an executor is refused only once, so that needs no limit
    boolean counts = kind != FailureKind.DEVICE;
    int retry = counts ? items.countRetry(item) : 0;
    if (retry > policy.retries()) {
      giveUp(task, item, attempt, kind, reason);
      return;
    }
    long due = now + (counts ? returning.pauseMillis(retry) : 0);
    placement.release(item);
    returning.pause(item, due, task.executor.host);
    decisions.add(new Decision.Retry(item, attempt, kind, reason, due));
  }

  private void ended(Event.Ended event) {
    Task task = fleet.task(event.task());
    if (task == null) {
      return;
    }
    fleet.remove(task);
    int item = task.current;
    if (isUnderWay(task)) {
      task.current = -1;
      if (task.killedAs != null) {
        giveUp(task, item, task.attempt, task.killedAs, task.killedFor);
      } else {
        retry(task, item, task.attempt, FailureKind.INFRASTRUCTURE, event.reason());
      }
      blame(task.executor.host, item);
    }
    placement.end(task);
  }

  private boolean isUnderWay(Task task) {
    return task.current >= 0 && placement.owns(task, task.current);
  }

  private void lost(Event.Lost event) {
    Executor executor = fleet.executor(event.executor());
    if (executor == null) {
      return;
    }
    List<Task> there = List.copyOf(executor.tasks);
    disuse(executor);
    fleet.remove(executor);
    placement.endReservation(executor);
    List<Task> underWay = there.stream().filter(this::isUnderWay).toList();
    boolean ours = there.stream().anyMatch(task -> task.killedAs != null);
    for (Task task : underWay) {
      int item = task.current;
      if (task.killedAs != null) {
        giveUp(task, item, task.attempt, task.killedAs, task.killedFor);
      } else if (ours || event.blame() == Event.Blame.OUTSIDE) {
        placement.giveBack(task, item);
        decisions.add(
            new Decision.Retry(
                item, task.attempt, FailureKind.INFRASTRUCTURE, event.reason(), now));
      } else {
        suspect(task, underWay.size() == 1, event);
        blame(executor.host, item);
      }
    }
    for (Task task : there) {
      placement.end(task);
    }
  }

  private void suspect(Task task, boolean alone, Event.Lost event) {
    int item = task.current;
    String reason = event.reason();
    int most = policy.losses() + (event.blame() == Event.Blame.SIGNAL ? SIGNALS_FORGIVEN : 0);
    placement.release(item);
    if (items.countLoss(item) >= most && alone) {
      giveUp(task, item, task.attempt, FailureKind.EXECUTOR_LOST, reason);
    } else {
      returning.suspect(item);
      decisions.add(new Decision.Retry(item, task.attempt, FailureKind.EXECUTOR_LOST, reason, now));
    }
  }

  private void giveUp(Task task, int item, int attempt, FailureKind kind, String reason) {
    placement.release(item);
    List<Integer> blocked = items.fail(item);
    decisions.add(new Decision.GiveUp(item, attempt, kind, reason));
    if (!blocked.isEmpty()) {
      decisions.add(new Decision.Block(item, blocked));
    }
    if (policy.onFailure() == Policy.OnFailure.STOP) {
      stop("an item failed and the run was asked to stop at the first failure");
    } else if (!items.isShared(item)
        && sameFailures.failed(kind + " " + reason, task.executor.host)) {
      stop("the first " + policy.sameFailures() + " items failed in the same way: " + reason);
    }
  }

  /** Counts a failure against a host; one that is excluded is to blame for its last ones. */
  private void blame(String host, int item) {
    List<Integer> streak = hosts.failed(host, item);
    if (!streak.isEmpty()) {
      exclude(host, streak);
    }
  }

  private void exclude(String host, List<Integer> streak) {
    String reason = streak.size() + " items failed there in a row while others finished elsewhere";
    fleet.of(host).forEach(this::disuse);
    decisions.add(new Decision.Exclude(host, reason));
    for (int failed : streak) {
      boolean given = items.state(failed) == State.FAILED;
      if (given && !items.isShared(failed) && items.losses(failed) == 0) {
        returning.pause(failed, now, host);
        decisions.add(
            new Decision.Retry(
                failed, -1, FailureKind.INFRASTRUCTURE, "its host was excluded", now));
      }
    }
  }

  private void refuse(Executor executor, String reason) {
    if (executor != null && executor.usable) {
      disuse(executor);
      decisions.add(new Decision.Refuse(executor.id, reason));
      stopWhereUseless(reason);
    }
  }

  private void stopWhereUseless(String reason) {
    if (fleet.isUseless() && !isDone()) {
      stop("there is no executor left that may have work: " + reason);
    }
  }

  private void disuse(Executor executor) {
    if (executor.usable) {
      fleet.disuse(executor);
      hosts.lost(executor.host);
    }
  }

  private void stop(String reason) {
    if (!isDone()) {
      stopped = true;
      decisions.add(new Decision.Stop(reason));
    }
  }

  private void tick() {
    for (Deadlines.Deadline due = deadlines.take(now); due != null; due = deadlines.take(now)) {
      Task task = fleet.task(due.task());
      if (task == null || !isUnderWay(task) || task.current != due.item()) {
        continue;
      }
      if (due.limit() == Deadlines.Limit.TIME) {
        kill(task, due.item());
      } else {
        abandon(task, due.item());
      }
    }
  }

  private void kill(Task task, int item) {
    task.killedAs = FailureKind.TIME_LIMIT;
    task.killedFor = "it took longer than " + work.limitSeconds(item) + " seconds";
    decisions.add(new Decision.Kill(task.id, item, task.killedAs, task.killedFor));
    deadlines.add(
        new Deadlines.Deadline(
            now + policy.patience().toMillis(),
            task.id,
            item,
            task.attempt,
            Deadlines.Limit.PATIENCE));
  }

  private void abandon(Task task, int item) {
    String reason = task.killedFor + ", and did not end when it was told to";
    task.current = -1;
    giveUp(task, item, task.attempt, task.killedAs, reason);
    fleet.abandon(task);
    placement.end(task);
    decisions.add(new Decision.Abandon(task.id, item));
    stopWhereUseless(reason);
  }
}
