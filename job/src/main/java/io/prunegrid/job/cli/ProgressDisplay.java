package io.prunegrid.job.cli;

import io.prunegrid.job.spark.Progress;
import io.prunegrid.job.watch.RunMonitor;
import io.prunegrid.job.watch.RunStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * How far a run is: on a terminal a few lines that are written over, else a plain line now and
 * then, more seldom the longer it takes.
 */
final class ProgressDisplay implements AutoCloseable {
  private static final Duration BETWEEN_FRAMES = Duration.ofMillis(500);
  private static final Duration BETWEEN_FIRST_LINES = Duration.ofSeconds(15);
  private static final Duration BETWEEN_LINES = Duration.ofMinutes(1);
  private static final Duration FIRST = Duration.ofMinutes(5);
  private static final int HEIGHT = 8;
  private static final String UP_AND_CLEAR = "\u001b[1A\u001b[2K";

  private final PrintWriter err;
  private final RunMonitor monitor;
  private final int width;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "progress");
            thread.setDaemon(true);
            return thread;
          });
  private final StopNotice stopNotice = StopNotice.of(this::stop);
  private final long started = System.nanoTime();
  private long lastLine = started;
  private int drawn;
  private int noticed;
  private boolean stopped;

  private ProgressDisplay(PrintWriter err, RunMonitor monitor, int width) {
    this.err = err;
    this.monitor = monitor;
    this.width = width;
  }

  /**
   * Begins to show progress.
   *
   * @param shared pieces of work that cells share
   */
  static ProgressDisplay open(PrintWriter err, RunMonitor monitor, int shared) {
    RunStatus status = monitor.status();
    int total = status.cells();
    int before = status.before();
    err.println(
        (before == 0
                ? StatusText.cells(total)
                : total - before + " of " + StatusText.cells(total) + " are missing")
            + (shared == 0
                ? ""
                : ", and up to " + shared + " bases, evaluations and scores that they share"));
    err.flush();
    int width = isTerminal() ? terminalWidth() : 0;
    ProgressDisplay display = new ProgressDisplay(err, monitor, width);
    Runnable show = width > 0 ? display::draw : display::lineWhenDue;
    Future<?> unused =
        display.timer.scheduleWithFixedDelay(
            show, 0, BETWEEN_FRAMES.toMillis(), TimeUnit.MILLISECONDS);
    return display;
  }

  @SuppressWarnings("SystemConsoleNull") // on Java 17 it is null where output goes to a file
  private static boolean isTerminal() {
    return System.console() != null;
  }

  /** Columns of the terminal; 80 where it does not say. */
  private static int terminalWidth() {
    try {
      Process stty =
          new ProcessBuilder("sh", "-c", "stty size < /dev/tty")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      String[] numbers = size.strip().split(" ", -1);
      return numbers.length == 2 ? Math.max(20, Integer.parseInt(numbers[1])) : 80;
    } catch (IOException | NumberFormatException e) {
      return 80;
    }
  }

  /** What failed and why, one line each, the latest; none where everything finished. */
  static List<String> failures(RunStatus status) {
    Progress.Counts all = status.progress().all();
    if (all.failed() == 0 && status.reason().isEmpty()) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    if (all.failed() > status.failures().size()) {
      lines.add("failed: " + (all.failed() - status.failures().size()) + " others, and");
    }
    status
        .failures()
        .forEach(failed -> lines.add("failed: " + failed.label() + ": " + failed.message()));
    int blocked = status.progress().of("cell").blocked();
    if (blocked > 0) {
      lines.add(StatusText.cells(blocked) + " not tried, because what they need failed");
    }
    status.reason().ifPresent(reason -> lines.add("the run was stopped: " + reason));
    lines.add("all reasons are in the table attempts; " + whatNow(status));
    return lines;
  }

  /** What a person can do about what did not finish. */
  static String whatNow(RunStatus status) {
    String own = "rerun --status failed tries these cells again";
    String others = "running this again tries what is missing";
    boolean anyOwn = status.progress().all().failed() > status.failedByTheGrid();
    boolean anyOthers = status.failedByTheGrid() > 0 || status.reason().isPresent();
    return anyOwn && anyOthers ? own + ", " + others : anyOwn ? own : others;
  }

  /** Whether the process was told to end meanwhile, which has been shown. */
  synchronized boolean isStopped() {
    return stopped;
  }

  private synchronized void stop() {
    showEnd();
    err.println("stopped; what is finished is kept, and the same command goes on from there");
    err.flush();
    stopped = true;
  }

  /** Shows how it ended. */
  @Override
  public void close() {
    stopNotice.close();
    timer.shutdownNow();
    try {
      boolean unused = timer.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    showEnd();
  }

  private synchronized void showEnd() {
    if (stopped) {
      return;
    }
    err.print(UP_AND_CLEAR.repeat(drawn));
    notices(monitor.status());
    err.println(StatusText.line(monitor.status()));
    err.flush();
  }

  private synchronized void draw() {
    if (stopped) {
      return;
    }
    RunStatus status = monitor.status();
    List<String> frame = StatusText.frame(status, Instant.now(), width, HEIGHT);
    err.print(UP_AND_CLEAR.repeat(drawn));
    notices(status);
    frame.forEach(err::println);
    err.flush();
    drawn = frame.size();
  }

  private void notices(RunStatus status) {
    List<String> all = status.notices();
    all.subList(noticed, all.size()).forEach(err::println);
    noticed = all.size();
  }

  private synchronized void lineWhenDue() {
    if (stopped) {
      return;
    }
    notices(monitor.status());
    long now = System.nanoTime();
    Duration between = now - started < FIRST.toNanos() ? BETWEEN_FIRST_LINES : BETWEEN_LINES;
    if (now - lastLine >= between.toNanos()) {
      lastLine = now;
      err.println(StatusText.line(monitor.status()));
      err.flush();
    }
  }
}
