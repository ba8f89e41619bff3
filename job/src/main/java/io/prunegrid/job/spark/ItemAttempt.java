package io.prunegrid.job.spark;

import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.Attempts.Ending;
import io.prunegrid.job.store.Attempts.Outcome;
import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.Row;
import io.prunegrid.runtime.ImageCounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;

/**
 * One attempt at one item on an executor, from the driver's go to what the driver is told.
 *
 * @param run the run that it belongs to
 * @param item what to do
 * @param number 0 for the first attempt of the run
 * @param place host and executor
 */
record ItemAttempt(String run, WorkItem item, int number, String place) {

  /**
   * How it ended.
   *
   * @param rows what to publish: the item's rows, and that of the attempt
   * @param seconds from its start to its end
   * @param failure null where it finished
   * @param log everything that it logged; null where it finished
   * @param killed the task is to end with this, once the driver has been told; null where it goes
   *     on with the next item
   */
  record Ended(
      List<Row> rows, double seconds, Failure failure, String log, TaskKilledException killed) {}

  /**
   * Does the item. Whatever it throws becomes a failure, running out of memory and of stack too.
   *
   * @throws TaskKilledException where the task was killed, but not because of this item
   * @throws InterruptedException where somebody else than Spark interrupted the thread
   */
  Ended make(ItemRunner runner) throws InterruptedException {
    ImageCounts unused = ImageCounts.takeOfThread();
    Instant started = Instant.now();
    long from = System.nanoTime();
    try (AttemptLog log = AttemptLog.open(run, item.key())) {
      log.add(started, "began on " + place + ", process " + ProcessHandle.current().pid());
      List<Row> rows = List.of();
      Failure failure = null;
      TaskKilledException killed = null;
      try {
        AttemptWatcher.tell(AttemptWatcher.Step.BEGUN, item);
        rows = number == 0 ? runner.run(item) : runner.runAgain(item);
        AttemptWatcher.tell(AttemptWatcher.Step.COMPUTED, item);
      } catch (Throwable error) {
        killed = killed(error);
        if (killed == null && error instanceof InterruptedException interrupted) {
          throw interrupted;
        }
        failure = failure(error, killed, log);
        rows = List.of();
      }
      double seconds = (System.nanoTime() - from) * 1e-9;
      List<Row> published = new ArrayList<>(rows);
      published.add(row(failure, seconds, started));
      return new Ended(published, seconds, failure, failure == null ? null : log.text(), killed);
    }
  }

  /** What Spark ends the task with; null where it does not want to. */
  private static TaskKilledException killed(Throwable error) {
    if (error instanceof TaskKilledException killed) {
      return killed;
    }
    try {
      TaskContext.get().killTaskIfInterrupted();
      return null;
    } catch (TaskKilledException killed) {
      return killed;
    }
  }

  private Failure failure(Throwable error, TaskKilledException killed, AttemptLog log) {
    Failure failure;
    if (killed == null) {
      log.add(Instant.now(), error);
      failure = Failure.of(Diagnosis.of(error), error, "");
    } else {
      Failure because =
          KillReason.failure(killed.reason()).filter(why -> why.kind().isOfTheItem()).orElse(null);
      if (because == null) {
        throw killed;
      }
      // the driver is still to be told, which an interrupted thread could not do
      boolean unused = Thread.interrupted();
      log.add(Instant.now(), because.message() + "; it was ended here:");
      log.add(Instant.now(), error);
      failure = because;
    }
    return failure.withLastLines(log.lastLines());
  }

  private Row row(Failure failure, double seconds, Instant started) {
    return new Attempts.Attempt(
            item.key(),
            item.kind(),
            item.label(),
            failure == null ? Outcome.FINISHED : Outcome.FAILED,
            Optional.ofNullable(failure),
            failure == null ? Ending.OPEN : Ending.of(failure.kind()),
            Optional.ofNullable(failure == null ? null : FailureLogs.path(item.key())),
            number,
            place,
            OptionalLong.of(ProcessHandle.current().pid()),
            seconds,
            started,
            Optional.of(ImageCounts.takeOfThread()))
        .row();
  }
}
