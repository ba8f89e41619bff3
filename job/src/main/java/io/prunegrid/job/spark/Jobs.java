package io.prunegrid.job.spark;

import io.prunegrid.job.schedule.Decision;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;

/** The Spark jobs of a run, many at the same time, each a few tasks that ask for their work. */
final class Jobs implements AutoCloseable {
  /** Jobs that may fail one after the other, without one that ends well, until it is hopeless. */
  private static final int MOST_FAILURES = 8;

  private final JavaSparkContext spark;
  private final BundleTask body;
  private final String run;
  private final BlockingQueue<Note> notes;
  private final Map<String, Boolean> live = new ConcurrentHashMap<>();
  private final ExecutorService submitters;
  private int submitted;
  private int failedInRow;
  private Throwable lastError;
  private boolean abandoned;

  Jobs(SparkContext spark, BundleTask body, String run, BlockingQueue<Note> notes) {
    this.spark = new JavaSparkContext(spark);
    this.body = body;
    this.run = run;
    this.notes = notes;
    this.submitters =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "spark job");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Starts tasks; returns at once. */
  void submit(Decision.Submit submit) {
    String job = run + "-" + submitted++;
    int first = submit.firstTicket();
    int tasks = submit.tasks();
    List<Integer> tickets = IntStream.range(first, first + tasks).boxed().toList();
    live.put(job, true);
    submitters.execute(
        () -> {
          Throwable failed = null;
          try {
            spark.setJobGroup(
                job,
                spark.sc().appName()
                    + ": "
                    + tasks
                    + (tasks == 1 ? " slot that asks" : " slots that ask")
                    + " for work",
                true);
            spark.parallelize(tickets, tasks).foreachPartition(body);
          } catch (Throwable e) {
            failed = e;
          }
          live.remove(job);
          notes.add(new Note.JobEnded(job, first, tasks, failed));
        });
  }

  /** Takes note of a job's end. */
  void ended(Note.JobEnded job) {
    failedInRow = job.error() == null ? 0 : failedInRow + 1;
    lastError = job.error();
  }

  /** Why no job will ever end well; empty while one may. */
  Optional<Throwable> hopeless() {
    return failedInRow < MOST_FAILURES ? Optional.empty() : Optional.of(lastError);
  }

  /** A task that nobody waits for. */
  void abandon(long task) {
    abandoned = true;
  }

  /** Waits until the tasks that are left have heard that nothing is left to do. */
  void awaitEnd(Duration longest) throws InterruptedException {
    long until = System.nanoTime() + longest.toNanos();
    while (!live.isEmpty() && !abandoned && System.nanoTime() < until) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  /** Ends what still runs. */
  @Override
  public void close() {
    live.keySet().forEach(spark.sc()::cancelJobGroup);
    submitters.shutdown();
    try {
      if (!live.isEmpty()) {
        boolean unused = submitters.awaitTermination(abandoned ? 1 : 10, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
