package io.prunegrid.job.spark;

import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.Row;
import io.prunegrid.runtime.ImageCounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.function.VoidFunction;

/**
 * The body of a Spark task: does a bundle's items one after the other and hands each one's rows
 * over as it ends. An item's error is that item's; only an error of handing over, or the task being
 * killed, is the task's. The task ends when all its rows are on the driver's disk.
 */
final class BundleTask implements VoidFunction<Iterator<Bundle>> {
  private static final long serialVersionUID = 1L;
  private static final long LONGEST_PAUSE_MILLIS = 50;

  private final String run;
  private final ItemRunner runner;

  BundleTask(String run, ItemRunner runner) {
    this.run = run;
    this.runner = runner;
  }

  @Override
  public void call(Iterator<Bundle> bundles) throws Exception {
    List<Long> tickets = new ArrayList<>();
    while (bundles.hasNext()) {
      for (WorkItem item : bundles.next().items()) {
        String place = RowsPlugin.Executor.place();
        int number = (int) ask(new Message.Begin(run, item.key(), place));
        if (number >= 0) {
          tickets.add(attempt(item, number, place));
        }
      }
    }
    long pause = 1;
    while (!(boolean) ask(new Message.Settled(run, tickets))) {
      Thread.sleep(pause);
      pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
    }
  }

  private long attempt(WorkItem item, int number, String place) throws Exception {
    Instant started = Instant.now();
    long from = System.nanoTime();
    List<Row> rows = List.of();
    Failure failure = null;
    try {
      rows = runner.run(item);
    } catch (TaskKilledException | InterruptedException e) {
      throw e;
    } catch (Throwable e) {
      TaskContext.get().killTaskIfInterrupted();
      failure = Failure.of(e);
    }
    double seconds = (System.nanoTime() - from) * 1e-9;
    Attempts.Attempt attempt =
        new Attempts.Attempt(
            item.key(),
            item.kind(),
            item.label(),
            failure == null ? Attempts.Outcome.FINISHED : Attempts.Outcome.FAILED,
            Optional.ofNullable(failure),
            number,
            place,
            seconds,
            started,
            Optional.of(ImageCounts.takeOfThread()));
    List<Row> published = new ArrayList<>(rows);
    published.add(attempt.row());
    return (long) ask(new Message.Ended(run, item.key(), seconds, failure, published));
  }

  private static Object ask(Message message) throws Exception {
    return RowsPlugin.Executor.ask(message);
  }
}
