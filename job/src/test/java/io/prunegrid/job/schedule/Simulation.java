package io.prunegrid.job.schedule;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.job.schedule.Scenario.Fate;
import io.prunegrid.job.schedule.SimulatedGrid.SimulatedExecutor;
import io.prunegrid.job.schedule.SimulatedGrid.SimulatedTask;
import java.util.List;
import java.util.Objects;

/**
 * A run on a grid that exists on paper: the scheduler decides, executors crash, some falsely
 * declared dead go on, hosts are slow, one is broken, questions and answers get lost, cells kill,
 * hang and throw. Equal settings give equal runs.
 */
public final class Simulation {
  private static final long TICK_MILLIS = 100;
  private static final long LAUNCH_MILLIS = 5;
  private static final long RESEND_MILLIS = 1000;
  private static final long LOAD_MILLIS = 500;
  private static final long KILL_MILLIS = 500;
  private static final long REAPER_MILLIS = 60_000;
  private static final long REPLACED_MILLIS = 20_000;
  private static final int EXECUTORS_OF_A_HOST = 4;

  private final Settings settings;
  private final Scenario scenario;
  private final Scheduler scheduler;
  private final SimulatedGrid grid = new SimulatedGrid();
  private final SplitMix64 luck;
  private final Ledger ledger;
  private final String brokenHost;
  private int executors;

  /**
   * What to simulate.
   *
   * @param executors processes at the same time
   * @param slots tasks of each at the same time
   * @param cells cells of the run
   * @param poisonous of them that kill, hang or throw
   * @param crashes how many processes die by chance
   * @param lossPercent of messages, or their answers, that get lost
   * @param seed what else happens
   */
  public record Settings(
      int executors,
      int slots,
      int cells,
      int poisonous,
      int crashes,
      double lossPercent,
      long seed) {

    /** The same with other luck. */
    public Settings withSeed(long other) {
      return new Settings(executors, slots, cells, poisonous, crashes, lossPercent, other);
    }
  }

  private Simulation(Settings settings) {
    this.settings = settings;
    this.scenario = Scenario.of(settings.cells(), settings.poisonous(), settings.seed());
    this.scheduler = new GridScheduler(scenario.work(), Policy.DEFAULT);
    this.luck = SplitMix64.stream(settings.seed(), "grid");
    this.ledger = new Ledger(scenario);
    int hosts = Math.max(1, settings.executors() / EXECUTORS_OF_A_HOST);
    this.brokenHost = hosts < 3 ? "" : host(luck.nextInt(hosts));
  }

  /** Simulates one run. */
  public static Ledger.Report run(Settings settings) {
    return new Simulation(settings).run();
  }

  private static String host(int number) {
    return "host" + number;
  }

  private Ledger.Report run() {
    for (int i = 0; i < settings.executors(); i++) {
      int host = i / EXECUTORS_OF_A_HOST;
      grid.after(luck.nextInt(5000), () -> join(host(host)));
    }
    double expected =
        scenario.cells() * 10.0 * 1000 / (settings.executors() * (double) settings.slots());
    for (int i = 0; i < settings.crashes(); i++) {
      grid.after((long) (luck.nextDouble() * expected), this::crashOne);
    }
    tick();
    while (!scheduler.isDone()) {
      if (!grid.step()) {
        throw new IllegalStateException("nothing happens any more, and the run is not done");
      }
    }
    return ledger.report(grid.slotSeconds(), grid.now() * 1e-3);
  }

  private void tick() {
    decide(scheduler.on(new Event.Tick(grid.now())));
    grid.after(TICK_MILLIS, this::tick);
  }

  private void join(String host) {
    double slowness = host.hashCode() % 10 == 0 ? 3 : 1;
    SimulatedExecutor executor =
        new SimulatedExecutor("e" + executors++, host, settings.slots(), slowness);
    grid.join(executor);
    decide(scheduler.on(new Event.Joined(grid.now(), executor.id, host, executor.slots)));
    launch();
  }

  /** One in four that the driver loses sight of is alive and goes on. */
  private void crashOne() {
    SimulatedExecutor executor = anyExecutor();
    if (executor == null) {
      return;
    }
    if (luck.nextInt(4) == 0) {
      executor.cutOff = true;
      lost(executor, Event.Blame.UNKNOWN);
    } else {
      Event.Blame blame = luck.nextInt(2) == 0 ? Event.Blame.OUTSIDE : Event.Blame.UNKNOWN;
      die(executor, blame);
    }
  }

  private SimulatedExecutor anyExecutor() {
    List<SimulatedExecutor> all = grid.executors();
    return all.isEmpty() ? null : all.get(luck.nextInt(all.size()));
  }

  private void die(SimulatedExecutor executor, Event.Blame blame) {
    if (executor.dead) {
      return;
    }
    executor.dead = true;
    for (SimulatedTask task : executor.tasks.values()) {
      if (task.current >= 0) {
        ledger.wasted((grid.now() - task.began) * 1e-3);
      }
    }
    grid.after(500 + luck.nextInt(5000), () -> lost(executor, blame));
  }

  private void lost(SimulatedExecutor executor, Event.Blame blame) {
    grid.lose(executor);
    decide(scheduler.on(new Event.Lost(grid.now(), executor.id, blame, "lost")));
    grid.after(REPLACED_MILLIS, () -> join(executor.host));
    launch();
  }

  private void launch() {
    for (SimulatedTask task = grid.start(); task != null; task = grid.start()) {
      SimulatedTask started = task;
      grid.after(LAUNCH_MILLIS, () -> ask(started));
    }
  }

  /** Tells the scheduler; the answer, or null where the question or the answer got lost. */
  private Decision.Answer tell(Event event) {
    boolean lost = luck.nextDouble() * 100 < settings.lossPercent();
    if (lost && luck.nextInt(2) == 0) {
      return null;
    }
    List<Decision> decisions = scheduler.on(event);
    Decision.Answer answer =
        decisions.stream()
            .filter(Decision.Answer.class::isInstance)
            .map(Decision.Answer.class::cast)
            .reduce(
                (one, other) -> {
                  throw new IllegalStateException("two answers: " + decisions);
                })
            .orElseThrow(() -> new IllegalStateException("no answer to " + event));
    ledger.decided(event, answer);
    decide(decisions);
    return lost ? null : answer;
  }

  private void decide(List<Decision> decisions) {
    for (Decision decision : decisions) {
      if (decision instanceof Decision.Submit submit) {
        grid.submit(submit.firstTicket(), submit.tasks());
        launch();
      } else if (decision instanceof Decision.Kill kill) {
        kill(grid.task(kill.task()), kill.item());
      } else if (decision instanceof Decision.Exclude exclude) {
        grid.exclude(exclude.host());
      } else if (decision instanceof Decision.Stop stop) {
        throw new IllegalStateException("the run was stopped: " + stop.reason());
      }
      ledger.decided(decision);
    }
  }

  /** What hangs takes its process with it; what is only slow ends as a task. */
  private void kill(SimulatedTask task, int item) {
    if (task == null) {
      return;
    }
    if (scenario.fate(item) == Fate.HANGS) {
      grid.after(REAPER_MILLIS, () -> die(task.executor, Event.Blame.UNKNOWN));
    } else {
      grid.after(KILL_MILLIS, () -> end(task, "killed"));
    }
  }

  private void ask(SimulatedTask task) {
    if (task.executor.dead || task.over) {
      return;
    }
    Decision.Answer answer =
        tell(new Event.Asked(grid.now(), task.id, task.ticket, task.executor.id));
    if (answer == null) {
      grid.after(RESEND_MILLIS, () -> ask(task));
    } else if (answer instanceof Decision.Wait wait) {
      grid.after(wait.millis(), () -> ask(task));
    } else if (answer instanceof Decision.Give give) {
      task.items = give.items();
      begin(task);
    } else {
      grid.after(2, () -> leave(task));
    }
  }

  private void leave(SimulatedTask task) {
    grid.end(task);
    launch();
  }

  private void begin(SimulatedTask task) {
    if (task.executor.dead || task.over) {
      return;
    }
    if (task.next == task.items.size()) {
      grid.after(LAUNCH_MILLIS, () -> end(task, "done"));
      return;
    }
    int item = task.items.get(task.next);
    Decision.Answer answer = tell(new Event.Began(grid.now(), task.id, item));
    if (answer == null) {
      grid.after(RESEND_MILLIS, () -> begin(task));
      return;
    }
    task.next++;
    if (answer instanceof Decision.Go) {
      work(task, item);
    } else {
      begin(task);
    }
  }

  private void work(SimulatedTask task, int item) {
    task.current = item;
    task.began = grid.now();
    Fate fate = scenario.fate(item);
    long millis = Math.round(1000 * scenario.seconds(item) * task.executor.slowness);
    if (task.executor.loaded.load(scenario.work().group(item))) {
      millis += LOAD_MILLIS;
    }
    ledger.begins(item, task.executor);
    if (fate == Fate.HANGS) {
      return;
    }
    boolean broken = task.executor.host.equals(brokenHost) || fate == Fate.THROWS;
    long end = broken ? millis / 10 : millis;
    grid.after(
        fate == Fate.KILLS ? millis / 2 : end,
        () -> {
          if (task.executor.dead || task.over) {
            return;
          }
          if (fate == Fate.KILLS) {
            die(task.executor, Event.Blame.UNKNOWN);
          } else {
            tellEnd(task, item, broken);
          }
        });
  }

  private void tellEnd(SimulatedTask task, int item, boolean failed) {
    if (task.executor.dead || task.over) {
      return;
    }
    double seconds = (grid.now() - task.began) * 1e-3;
    Event event =
        failed
            ? new Event.Failed(
                grid.now(), task.id, item, FailureKind.CELL, seconds, "it throws " + item)
            : new Event.Finished(grid.now(), task.id, item, seconds);
    Decision.Answer answer = tell(event);
    if (answer == null) {
      grid.after(RESEND_MILLIS, () -> tellEnd(task, item, failed));
      return;
    }
    ledger.busy(seconds);
    task.current = -1;
    begin(task);
  }

  private void end(SimulatedTask task, String reason) {
    if (task.over) {
      return;
    }
    if (task.current >= 0) {
      ledger.wasted((grid.now() - task.began) * 1e-3);
    }
    leave(task);
    if (!task.executor.cutOff && !task.executor.dead) {
      decide(scheduler.on(new Event.Ended(grid.now(), task.id, Objects.requireNonNull(reason))));
    }
  }
}
