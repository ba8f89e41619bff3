package io.prunegrid.job.spark;

import io.prunegrid.job.schedule.FailureKind;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.ResultsFolder;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * One run: a loop on the caller's thread that alone decides. Whenever bundles become ready they go
 * to Spark together as one job, a bundle a task, while earlier jobs still run; so nothing waits for
 * a whole layer of work to end. Spark serves earlier jobs first, which computes what is shared
 * before what needs it.
 */
final class GridRun {
  private static final int MOST_JOBS = 64;

  private final JavaSparkContext spark;
  private final ItemRunner runner;
  private final ResultsFolder results;
  private final RunListener listener;
  private final Agenda agenda;
  private final BlockingQueue<Desk.Event> events = new LinkedBlockingQueue<>();
  private final Map<String, Failure> failures = new HashMap<>();
  private final Set<String> jobs = new HashSet<>();
  private int started;
  private int unforcedBlocked;
  private Throwable error;

  GridRun(
      SparkContext spark,
      List<Bundle> bundles,
      ItemRunner runner,
      ResultsFolder results,
      RunListener listener) {
    this.spark = new JavaSparkContext(spark);
    this.runner = runner;
    this.results = results;
    this.listener = listener;
    this.agenda = new Agenda(bundles);
  }

  Progress run() throws InterruptedException {
    ExecutorService submitters =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "spark job");
              thread.setDaemon(true);
              return thread;
            });
    try (Desk desk = new Desk(results, events)) {
      try {
        while (error == null && !(agenda.isDone() && jobs.isEmpty() && unforcedBlocked == 0)) {
          if (agenda.hasReady() && jobs.size() < MOST_JOBS) {
            submit(desk, submitters, agenda.takeReady());
          }
          handle(desk, events.take());
        }
      } finally {
        desk.stop();
        cancel(submitters);
      }
    }
    if (error != null) {
      throw new IllegalStateException(
          "the run stopped before its end, not because of a cell: "
              + reason(error)
              + "; what was finished is kept, and running it again does the rest",
          error);
    }
    return agenda.progress();
  }

  private void submit(Desk desk, ExecutorService submitters, List<Bundle> bundles) {
    String job = desk.run() + "-" + started++;
    jobs.add(job);
    String description =
        bundles.size() + " bundles from " + bundles.get(0).items().get(0).label() + " on";
    BundleTask task = new BundleTask(desk.run(), runner);
    submitters.execute(
        () -> {
          Throwable failed = null;
          try {
            spark.setJobGroup(job, description, true);
            spark.parallelize(bundles, bundles.size()).foreachPartition(task);
          } catch (Throwable e) {
            failed = e;
          }
          events.add(new Desk.Event.Stopped(job, failed));
        });
  }

  private void handle(Desk desk, Desk.Event event) {
    if (event instanceof Desk.Event.Began began) {
      agenda.began(began.key());
      listener.began(agenda.item(began.key()), began.place(), agenda.progress());
    } else if (event instanceof Desk.Event.Settled settled) {
      settled(desk, settled);
    } else if (event instanceof Desk.Event.Stopped stopped) {
      jobs.remove(stopped.job());
      if (stopped.error() != null && error == null) {
        error = stopped.error();
      }
    }
  }

  private void settled(Desk desk, Desk.Event.Settled settled) {
    WorkItem item = agenda.item(settled.key());
    Failure failure = settled.failure();
    if (failure == null) {
      agenda.finished(settled.key());
      listener.finished(item, settled.seconds(), agenda.progress());
      return;
    }
    if (failures.containsKey(settled.key())) {
      unforcedBlocked--;
      listener.blocked(item, failure, agenda.progress());
      return;
    }
    for (WorkItem blocked : agenda.failed(settled.key())) {
      Failure because =
          new Failure(
              FailureKind.BLOCKED,
              failure.type(),
              "needs " + item.label() + ", which failed: " + failure.message(),
              failure.at(),
              failure.lastLines());
      failures.put(blocked.key(), because);
      unforcedBlocked++;
      desk.take(blocked.key(), 0, because, List.of(blockedAttempt(blocked, because).row()));
    }
    listener.failed(item, failure, agenda.progress());
  }

  /** The innermost cause's words: Spark wraps them in pages of its own. */
  private static String reason(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause + "";
  }

  private static Attempts.Attempt blockedAttempt(WorkItem item, Failure because) {
    return new Attempts.Attempt(
        item.key(),
        item.kind(),
        item.label(),
        Attempts.Outcome.BLOCKED,
        Optional.of(because),
        Attempts.Ending.OPEN,
        Optional.empty(),
        0,
        "driver",
        OptionalLong.empty(),
        0,
        Instant.now(),
        Optional.empty());
  }

  private void cancel(ExecutorService submitters) throws InterruptedException {
    jobs.forEach(spark.sc()::cancelJobGroup);
    submitters.shutdown();
    if (!jobs.isEmpty()) {
      submitters.awaitTermination(10, TimeUnit.SECONDS);
    }
  }
}
