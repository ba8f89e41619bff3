package io.prunegrid.job.watch;

import io.prunegrid.job.store.disk.Location;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a run's status every few seconds while it is open, and at once when it begins and ends. A
 * status that cannot be written costs people their view and the run nothing.
 */
public final class Heartbeat {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
  private static final int EVERY_SECONDS = 3;

  private final Location results;
  private final RunMonitor monitor;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "status of the run");
            thread.setDaemon(true);
            return thread;
          });
  private long beats;
  private boolean complained;

  private Heartbeat(Location results, RunMonitor monitor) {
    this.results = results;
    this.monitor = monitor;
  }

  /** What a status tells of. */
  @FunctionalInterface
  public interface Body<T> {
    /** Does it all. */
    T run() throws InterruptedException;
  }

  /** Writes the status of a run while it goes on, and how it ended. */
  public static <T> T during(Location results, RunMonitor monitor, Body<T> body)
      throws InterruptedException {
    Heartbeat heartbeat = new Heartbeat(results, monitor);
    Future<?> unused =
        heartbeat.timer.scheduleWithFixedDelay(heartbeat::beat, 0, EVERY_SECONDS, TimeUnit.SECONDS);
    try {
      T answer = body.run();
      monitor.ended();
      return answer;
    } catch (Throwable e) {
      monitor.brokenOff(e.getMessage() == null ? e.toString() : e.getMessage());
      throw e;
    } finally {
      heartbeat.end();
    }
  }

  private synchronized void beat() {
    try {
      StatusFile.write(results, monitor.status(beats++, EVERY_SECONDS));
    } catch (RuntimeException e) {
      if (!complained) {
        LOG.warn("the run's status cannot be written, which only status notices: {}", e.toString());
        complained = true;
      }
    }
  }

  /** Writes the last status. */
  private void end() {
    timer.shutdown();
    try {
      if (!timer.awaitTermination(EVERY_SECONDS, TimeUnit.SECONDS)) {
        timer.shutdownNow();
      }
    } catch (InterruptedException e) {
      timer.shutdownNow();
      Thread.currentThread().interrupt();
    }
    beat();
  }
}
