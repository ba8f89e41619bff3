package io.prunegrid.job.spark;

import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs of failed attempts in the results folder, one file an item, the newest attempt's. They
 * are written off the run's path, and one that cannot be written stops nothing: the attempt's row
 * has the last lines.
 */
final class FailureLogs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FailureLogs.class);
  private static final String FOLDER = "logs";

  private final Location results;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "failure logs");
            thread.setDaemon(true);
            return thread;
          });

  FailureLogs(Location results) {
    this.results = results;
  }

  /** Where the log of an item is, relative to the results folder. */
  static String path(String key) {
    return FOLDER + "/" + key + ".log";
  }

  /** Writes soon. */
  void write(String key, String text) {
    writer.execute(
        () -> {
          Location file = results.resolve(path(key));
          try {
            Disk.of(file).replace(file, text.getBytes(StandardCharsets.UTF_8));
          } catch (IOException | RuntimeException e) {
            LOG.warn("the log of a failed attempt could not be written to {}: {}", file, e + "");
          }
        });
  }

  /** Waits for what is being written. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      if (!writer.awaitTermination(30, TimeUnit.SECONDS)) {
        LOG.warn("not all logs of failed attempts could be written to {} in time", results);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
