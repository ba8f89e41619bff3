package io.prunegrid.job.cli;

import io.prunegrid.job.spark.Progress;
import io.prunegrid.job.watch.RunStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A run's status in words. */
final class StatusText {
  private static final String CELL = "cell";
  private static final int BAR = 20;

  private StatusText() {}

  /** How far it is, on one line. */
  static String line(RunStatus status) {
    Progress.Counts cells = status.progress().of(CELL);
    StringBuilder line = new StringBuilder();
    line.append(status.done()).append(" of ").append(cells(status.cells())).append(" done, ");
    line.append(cells.failed() + cells.blocked()).append(" failed");
    Progress.Counts everything = status.progress().all();
    boolean goesOn = status.state() == RunStatus.State.RUNNING && status.reason().isEmpty();
    if (goesOn && everything.settled() < everything.total()) {
      int running = status.progress().all().running();
      if (running > 0) {
        line.append(", ").append(running).append(" running");
      }
      if (cells.settled() == 0) {
        Progress.Counts all = status.progress().all();
        int shared = all.total() - cells.total();
        if (shared > 0) {
          line.append(", ").append(all.settled()).append(" of ").append(shared);
          line.append(" shared done");
        }
      }
      status
          .secondsLeft()
          .ifPresent(left -> line.append(", about ").append(Durations.text(left)).append(" left"));
    }
    return line.toString();
  }

  /** The same for a terminal that can be written over: a bar, and what runs where. */
  static List<String> frame(RunStatus status, Instant now, int width, int height) {
    List<String> lines = new ArrayList<>();
    Progress.Counts cells = status.progress().of(CELL);
    int settled = status.before() + cells.settled();
    int full = status.cells() == 0 ? BAR : (int) ((long) BAR * settled / status.cells());
    lines.add(fitted("█".repeat(full) + "░".repeat(BAR - full) + " " + line(status), width));
    List<RunStatus.Running> running = status.running();
    int shown = Math.min(running.size(), Math.max(0, height - 1));
    for (RunStatus.Running each : running.subList(0, shown)) {
      lines.add(fitted("  " + running(each, now), width));
    }
    if (shown < status.progress().all().running()) {
      lines.add("  and " + (status.progress().all().running() - shown) + " more");
    }
    return lines;
  }

  /** What runs where since when. */
  static String running(RunStatus.Running running, Instant now) {
    long seconds = Math.max(0, Duration.between(running.since(), now).toSeconds());
    return String.format(
        "%-16s %10s  %s",
        running.place(), Durations.text(seconds), named(running.kind(), running.label()));
  }

  private static String named(String kind, String label) {
    return label.startsWith(kind) ? label : kind + " " + label;
  }

  static String cells(int n) {
    return n + (n == 1 ? " cell" : " cells");
  }

  private static String fitted(String line, int width) {
    return line.length() <= width ? line : line.substring(0, Math.max(0, width - 1)) + "…";
  }
}
