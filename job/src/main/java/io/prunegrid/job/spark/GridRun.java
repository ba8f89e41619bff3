package io.prunegrid.job.spark;

import io.prunegrid.job.schedule.Decision;
import io.prunegrid.job.schedule.Event;
import io.prunegrid.job.schedule.FailureKind;
import io.prunegrid.job.schedule.GridScheduler;
import io.prunegrid.job.schedule.Policy;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.ResultsFolder;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;

/**
 * One run: tells the scheduler what happens and does what it decides, on the caller's thread.
 * Whatever the scheduler wants done is a Spark job of empty tasks, which ask for their work when
 * they have a slot.
 */
final class GridRun {
  private static final long TICK_MILLIS = 100;

  private final SparkContext spark;
  private final Work work;
  private final ItemRunner runner;
  private final ResultsFolder results;
  private final RunListener listener;
  private final BlockingQueue<Note> notes = new LinkedBlockingQueue<>();
  private final Tally tally;
  private final Control control;
  private final Map<Integer, Running> running = new HashMap<>();
  private final EventLog log;
  private final String run = UUID.randomUUID().toString();
  private Failure lastFailure;
  private Throwable error;
  private boolean stopped;

  /** Where and since when an item is under way. */
  private record Running(String place, Instant since) {}

  GridRun(
      SparkContext spark,
      Work work,
      Policy policy,
      ItemRunner runner,
      ResultsFolder results,
      RunListener listener) {
    this.spark = spark;
    this.work = work;
    this.runner = runner;
    this.results = results;
    this.listener = listener;
    this.tally = new Tally(work);
    this.log = EventLog.open(results.location(), run, work, policy);
    this.control = new Control(new GridScheduler(work.load(), policy), log::record, notes);
  }

  Progress run() throws InterruptedException {
    try (log;
        Desk desk = new Desk(run, work.items(), results, control, notes);
        Jobs jobs = new Jobs(spark, new BundleTask(run, runner), run, notes)) {
      ExecutorWatch.add(control);
      try {
        listener.planned(tally.progress());
        control.tell(Event.Tick::new);
        loop(desk, jobs);
        if (error == null && !stopped) {
          jobs.awaitEnd(Duration.ofSeconds(10));
        }
      } finally {
        desk.stop();
        ExecutorWatch.remove(control);
      }
    }
    if (error != null) {
      throw new IllegalStateException(
          "the run stopped before its end, not because of a cell: "
              + reason(error)
              + "; what was finished is kept, and running it again does the rest",
          error);
    }
    return tally.progress();
  }

  private void loop(Desk desk, Jobs jobs) throws InterruptedException {
    long ticked = System.nanoTime();
    while (error == null && !(control.isDone() && desk.isQuiet() && notes.isEmpty())) {
      Note note = notes.poll(TICK_MILLIS, TimeUnit.MILLISECONDS);
      if (note != null) {
        handle(desk, jobs, note);
      }
      if (System.nanoTime() - ticked > TICK_MILLIS * 1_000_000) {
        ticked = System.nanoTime();
        control.tell(Event.Tick::new);
      }
    }
  }

  private void handle(Desk desk, Jobs jobs, Note note) {
    if (note instanceof Note.Began began) {
      if (tally.move(began.item(), Tally.State.RUNNING)) {
        running.put(began.item(), new Running(began.place(), Instant.now()));
        listener.began(
            work.items().get(began.item()),
            began.place(),
            work.load().seconds(began.item()),
            tally.progress());
      }
    } else if (note instanceof Note.HandedOver over) {
      if (tally.state(over.item()) == Tally.State.RUNNING) {
        tally.move(over.item(), Tally.State.HANDED_OVER);
        running.remove(over.item());
        listener.handedOver(work.items().get(over.item()), over.seconds(), tally.progress());
      }
    } else if (note instanceof Note.Settled settled) {
      settled(settled);
    } else if (note instanceof Note.Decided decided) {
      carryOut(desk, jobs, decided.decision());
    } else if (note instanceof Note.JobEnded ended) {
      jobs.ended(ended);
      control.tell(at -> new Event.Withdrawn(at, ended.firstTicket(), ended.tasks()));
      jobs.hopeless().ifPresent(hopeless -> error = hopeless);
    } else if (note instanceof Note.DiskFailed failed) {
      error = failed.error();
    }
  }

  private void settled(Note.Settled settled) {
    if (settled.failure() == null && tally.move(settled.item(), Tally.State.FINISHED)) {
      running.remove(settled.item());
      listener.finished(work.items().get(settled.item()), settled.seconds(), tally.progress());
    }
  }

  private void carryOut(Desk desk, Jobs jobs, Decision decision) {
    if (decision instanceof Decision.Submit submit) {
      jobs.submit(submit);
    } else if (decision instanceof Decision.Kill kill) {
      spark.killTaskAttempt(kill.task(), true, KillReason.text(kill.kind(), kill.reason()));
    } else if (decision instanceof Decision.Retry retry) {
      Failure failure =
          ended(
              desk,
              retry.item(),
              retry.attempt(),
              Failure.untold(retry.kind(), retry.reason()),
              Attempts.Ending.OPEN);
      tally.move(retry.item(), Tally.State.WAITING);
      listener.retried(work.items().get(retry.item()), failure, tally.progress());
    } else if (decision instanceof Decision.GiveUp up) {
      Attempts.Ending ending = Attempts.Ending.of(up.kind());
      Failure untold = Failure.untold(up.kind(), up.reason());
      lastFailure = ended(desk, up.item(), up.attempt(), untold, ending);
      tally.move(up.item(), Tally.State.FAILED);
      WorkItem item = work.items().get(up.item());
      listener.failed(item, lastFailure, FailureLogs.path(item.key()), tally.progress());
    } else if (decision instanceof Decision.Block block) {
      block(desk, block);
    } else if (decision instanceof Decision.Exclude exclude) {
      listener.excluded("host " + exclude.host(), exclude.reason());
    } else if (decision instanceof Decision.Refuse refuse) {
      listener.excluded("executor " + refuse.executor(), refuse.reason());
    } else if (decision instanceof Decision.Abandon abandon) {
      jobs.abandon(abandon.task());
    } else if (decision instanceof Decision.Stop stop) {
      stopped = true;
      desk.stop();
      listener.stopped(stop.reason(), tally.progress());
    }
  }

  /** Why an attempt failed; where no task told of it, it is written down here. */
  private Failure ended(Desk desk, int item, int attempt, Failure untold, Attempts.Ending ending) {
    Running was = running.remove(item);
    if (attempt < 0) {
      return desk.takeFailure(item).orElse(untold);
    }
    WorkItem of = work.items().get(item);
    Failure failure =
        untold.explained(ExitCodes.explained(untold.message()), desk.lastHeard(of.key()));
    desk.keepLog(of.key(), failure.message() + "\n" + failure.lastLines() + "\n");
    Instant since = was == null ? Instant.now() : was.since();
    double seconds = Duration.between(since, Instant.now()).toNanos() * 1e-9;
    desk.take(
        item,
        seconds,
        failure,
        List.of(
            new Attempts.Attempt(
                    of.key(),
                    of.kind(),
                    of.label(),
                    Attempts.Outcome.FAILED,
                    Optional.of(failure),
                    ending,
                    Optional.of(FailureLogs.path(of.key())),
                    attempt,
                    was == null ? "unknown" : was.place(),
                    OptionalLong.empty(),
                    seconds,
                    since,
                    Optional.empty())
                .row()));
    return failure;
  }

  /** The items that a failure blocks; the decision follows the one to give its item up. */
  private void block(Desk desk, Decision.Block block) {
    String because = work.items().get(block.because()).label();
    Failure failure =
        new Failure(
            FailureKind.BLOCKED,
            lastFailure.type(),
            "needs " + because + ", which failed: " + lastFailure.message(),
            lastFailure.at(),
            lastFailure.lastLines());
    for (int number : block.items()) {
      WorkItem item = work.items().get(number);
      tally.move(number, Tally.State.BLOCKED);
      desk.take(
          number,
          0,
          failure,
          List.of(
              new Attempts.Attempt(
                      item.key(),
                      item.kind(),
                      item.label(),
                      Attempts.Outcome.BLOCKED,
                      Optional.of(failure),
                      Attempts.Ending.OPEN,
                      Optional.empty(),
                      0,
                      "driver",
                      OptionalLong.empty(),
                      0,
                      Instant.now(),
                      Optional.empty())
                  .row()));
      listener.blocked(item, failure, tally.progress());
    }
  }

  /** The innermost cause's words: Spark wraps them in pages of its own. */
  private static String reason(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause + "";
  }
}
