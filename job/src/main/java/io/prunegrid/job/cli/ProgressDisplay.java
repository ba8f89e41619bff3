package io.prunegrid.job.cli;

import io.prunegrid.job.spark.Progress;
import io.prunegrid.job.spark.RunListener;
import io.prunegrid.job.spark.WorkItem;
import io.prunegrid.job.store.Failure;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far a run is: a bar on a terminal, else a plain line now and then. */
final class ProgressDisplay implements RunListener, AutoCloseable {
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(15);
  private static final int MOST_REASONS = 10;

  private final PrintWriter err;
  private final int total;
  private final int before;
  private final ProgressBar bar;
  private final long started = System.nanoTime();
  private final List<String> reasons = new ArrayList<>();
  private long lastLine = started;
  private int failed;
  private int innocent;
  private int blocked;
  private String stopped;

  private ProgressDisplay(PrintWriter err, int total, int before, ProgressBar bar) {
    this.err = err;
    this.total = total;
    this.before = before;
    this.bar = bar;
  }

  /**
   * Begins to show progress.
   *
   * @param total cells of the sweep
   * @param before cells that were finished before
   * @param shared pieces of work that cells share
   */
  static ProgressDisplay open(PrintWriter err, int total, int before, int shared) {
    err.println(
        (before == 0 ? cells(total) : total - before + " of " + cells(total) + " are missing")
            + (shared == 0
                ? ""
                : ", and up to " + shared + " bases, evaluations and scores that they share"));
    err.flush();
    ProgressBar bar = null;
    if (isTerminal()) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("cells")
              .setInitialMax(total)
              .setStyle(ProgressBarStyle.UNICODE_BLOCK)
              .setUpdateIntervalMillis(500)
              .startsFrom(before, Duration.ZERO)
              .build();
      bar.setExtraMessage(" 0 failed");
    }
    return new ProgressDisplay(err, total, before, bar);
  }

  @SuppressWarnings("SystemConsoleNull") // on Java 17 it is null where output goes to a file
  private static boolean isTerminal() {
    return System.console() != null;
  }

  @Override
  public void finished(WorkItem item, double seconds, Progress progress) {
    show(progress);
  }

  @Override
  public void failed(WorkItem item, Failure failure, Progress progress) {
    failed++;
    innocent += failure.kind().isOfTheGrid() ? 1 : 0;
    if (reasons.size() < MOST_REASONS) {
      reasons.add("failed: " + item.label() + ": " + failure.message());
    }
    show(progress);
  }

  @Override
  public void stopped(String reason, Progress progress) {
    stopped = reason;
  }

  @Override
  public void excluded(String what, String reason) {
    err.println(what + " gets no more work: " + reason);
    err.flush();
  }

  @Override
  public void blocked(WorkItem item, Failure because, Progress progress) {
    if (item.kind().equals("cell")) {
      blocked++;
    }
    show(progress);
  }

  /** Whether anything did not finish. */
  boolean isIncomplete() {
    return failed > 0 || stopped != null;
  }

  /** What failed and why, one line each, the first few; none where everything finished. */
  List<String> failures() {
    if (!isIncomplete()) {
      return List.of();
    }
    List<String> lines = new ArrayList<>(reasons);
    if (failed > lines.size()) {
      lines.add("failed: " + (failed - lines.size()) + " more");
    }
    if (blocked > 0) {
      lines.add(cells(blocked) + " not tried, because what they need failed");
    }
    if (stopped != null) {
      lines.add("the run was stopped: " + stopped);
    }
    lines.add("all reasons are in the table attempts; " + whatNow());
    return lines;
  }

  private String whatNow() {
    String own = "rerun --status failed tries these cells again";
    String others = "running this again tries what is missing";
    boolean anyOwn = failed > innocent;
    boolean anyOthers = innocent > 0 || stopped != null;
    return anyOwn && anyOthers ? own + ", " + others : anyOwn ? own : others;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }

  private void show(Progress progress) {
    Progress.Counts cells = progress.of("cell");
    int done = before + cells.finished();
    int missed = cells.failed() + cells.blocked();
    if (bar != null) {
      bar.stepTo(done + missed);
      bar.setExtraMessage(" " + missed + " failed" + preparing(progress));
      return;
    }
    long now = System.nanoTime();
    if (now - lastLine >= BETWEEN_LINES.toNanos() || done + missed == total) {
      lastLine = now;
      err.println(
          done
              + " of "
              + cells(total)
              + " done, "
              + missed
              + " failed"
              + preparing(progress)
              + timeLeft(cells.settled(), total - before - cells.settled(), now));
      err.flush();
    }
  }

  /** How far shared work is, as long as it is all that is happening. */
  private static String preparing(Progress progress) {
    Progress.Counts all = progress.all();
    Progress.Counts cells = progress.of("cell");
    return cells.settled() > 0
        ? ""
        : ", "
            + (all.settled() - cells.settled())
            + " of "
            + (all.total() - cells.total())
            + " shared done";
  }

  private static String cells(int n) {
    return n + (n == 1 ? " cell" : " cells");
  }

  private String timeLeft(int settled, int left, long now) {
    if (settled == 0 || left == 0) {
      return "";
    }
    long seconds = (now - started) / 1_000_000_000L * left / settled;
    return ", about " + Durations.text(seconds) + " left";
  }
}
