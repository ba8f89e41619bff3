package io.prunegrid.job.store;

import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A driver to be killed: publishes the rows from..to of {@link Cells}, several at a time, and
 * prints each number once it is acknowledged. With a step and a count it halts when that step is
 * reached for that time.
 */
public final class PublishingChild {
  static final int ROWS_PER_FILE = 150;

  private PublishingChild() {}

  /** Arguments: folder, from, to, and perhaps a step and a count. */
  public static void main(String[] arguments) throws Exception {
    Location folder = Location.of(arguments[0]);
    int to = Integer.parseInt(arguments[2]);
    String step = arguments.length > 3 ? arguments[3] : "";
    int count = arguments.length > 4 ? Integer.parseInt(arguments[4]) : 0;
    AtomicInteger reached = new AtomicInteger();
    Step.Watcher watcher =
        at -> {
          if (at.name().equals(step) && reached.incrementAndGet() == count) {
            Runtime.getRuntime().halt(137);
          }
        };
    AtomicInteger next = new AtomicInteger(Integer.parseInt(arguments[1]));
    ResultsOptions options = new ResultsOptions(ROWS_PER_FILE, 1 << 30);
    try (ResultsFolder results =
        ResultsFolder.open(Disk.of(folder), folder, Cells.TABLES, options, watcher)) {
      print("open\n");
      Thread[] threads = new Thread[4];
      for (int t = 0; t < threads.length; t++) {
        threads[t] =
            new Thread(
                () -> {
                  for (int i = next.getAndIncrement(); i < to; i = next.getAndIncrement()) {
                    if (results.isFinished(Cells.TABLE, Cells.key(i))) {
                      continue;
                    }
                    CompletableFuture<Publication> done =
                        results.publish(List.of(Cells.row(i), attempt(i)));
                    try {
                      done.join();
                    } catch (CompletionException e) {
                      print("refused: " + e.getCause().getMessage() + "\n");
                      Runtime.getRuntime().halt(1);
                    }
                    print(i + "\n");
                  }
                });
        threads[t].start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    print("closed\n");
  }

  static Row attempt(int i) {
    return new Attempts.Attempt(
            Cells.key(i),
            "cell",
            "cell " + i,
            Attempts.Outcome.FINISHED,
            java.util.Optional.empty(),
            Attempts.Ending.OPEN,
            java.util.Optional.empty(),
            0,
            "here",
            java.util.OptionalLong.empty(),
            0.5,
            java.time.Instant.EPOCH,
            java.util.Optional.empty())
        .row();
  }

  private static void print(String line) {
    synchronized (PublishingChild.class) {
      System.out.print(line);
      System.out.flush();
    }
  }
}
