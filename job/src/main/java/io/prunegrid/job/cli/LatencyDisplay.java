package io.prunegrid.job.cli;

import io.prunegrid.job.spark.LatencyRun;
import io.prunegrid.job.spark.Progress;
import io.prunegrid.job.spark.RunListener;
import io.prunegrid.job.spark.WorkItem;
import io.prunegrid.job.store.Failure;
import java.io.PrintWriter;
import java.time.Duration;

/** How far the latency phase is: a plain line now and then, and the reasons of what failed. */
final class LatencyDisplay implements RunListener {
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(15);
  private static final int MOST_REASONS = 10;

  private final PrintWriter err;
  private long lastLine = System.nanoTime();
  private int failed;

  LatencyDisplay(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void finished(WorkItem item, double seconds, Progress progress) {
    Progress.Counts all = progress.all();
    long now = System.nanoTime();
    if (now - lastLine >= BETWEEN_LINES.toNanos()) {
      lastLine = now;
      say("latency: " + all.settled() + " of " + all.total() + " structures done");
    }
  }

  @Override
  public void failed(WorkItem item, Failure failure, String log, Progress progress) {
    failed++;
    if (failed <= MOST_REASONS) {
      say("failed: " + item.label() + ": " + failure.message());
    }
  }

  @Override
  public void excluded(String what, String reason) {
    say("latency: " + what + " gets no more work: " + reason);
  }

  @Override
  public void stopped(String reason, Progress progress) {
    say("latency: stopped: " + reason);
  }

  /** What became of it. */
  void end(LatencyRun run, LatencyRun.Outcome outcome) {
    say(
        "latency: "
            + outcome.measured()
            + " measured now, "
            + outcome.before()
            + " before, "
            + outcome.missing()
            + " missing of "
            + outcome.wanted()
            + " (structures by runtime, batch size and device class)");
    if (outcome.onnxErrors() > 0) {
      say(
          "latency: "
              + outcome.onnxErrors()
              + " of them say onnx-error: ONNX Runtime cannot run them; the column error of the table"
              + " measurements says why");
    }
    if (outcome.missing() > 0) {
      say(
          "latency: what is missing failed or was void each time; the tables attempts and"
              + " measurements say why, and running this again tries it again");
    }
    if (run.cellsWithoutStructure() > 0) {
      say(
          "latency: "
              + run.cellsWithoutStructure()
              + " finished cells are not measured: an older version wrote their rows, without the"
              + " hash of their structure");
    }
  }

  private void say(String line) {
    err.println(line);
    err.flush();
  }
}
