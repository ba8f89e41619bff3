package io.prunegrid.job.watch;

import io.prunegrid.job.spark.Progress;
import io.prunegrid.job.store.disk.Holder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a run is at one moment.
 *
 * @param sweep its name
 * @param driver the process that drives it
 * @param state whether it still goes on
 * @param reason why it stopped before its end
 * @param heartbeat counts how often the driver has written this
 * @param written when it did, by the driver's clock
 * @param everySeconds how often it does
 * @param began when the run began, by the driver's clock
 * @param cells cells of the sweep
 * @param before cells that were finished before the run began
 * @param progress of this run, by kind of work
 * @param running what runs where, longest first; the first {@value RunMonitor#MOST_RUNNING}
 * @param failures what failed last, latest last; at most {@value RunMonitor#MOST_FAILURES}
 * @param failedByTheGrid how many of all that failed are not to blame themselves: another run tries
 *     them again
 * @param notices hosts and executors that get no more work, and why; the first {@value
 *     RunMonitor#MOST_NOTICES}
 * @param secondsLeft estimated; empty before anything has ended, and afterwards
 */
public record RunStatus(
    String sweep,
    Holder driver,
    State state,
    Optional<String> reason,
    long heartbeat,
    Instant written,
    double everySeconds,
    Instant began,
    int cells,
    int before,
    Progress progress,
    List<Running> running,
    List<Failed> failures,
    int failedByTheGrid,
    List<String> notices,
    OptionalLong secondsLeft) {

  public RunStatus {
    running = List.copyOf(running);
    failures = List.copyOf(failures);
    notices = List.copyOf(notices);
  }

  /** Where a run stands. */
  public enum State {
    /** The driver is at work, or died without a word. */
    RUNNING,
    /** Everything that the run was to do has finished, failed, or is blocked by what failed. */
    ENDED,
    /** The driver ended it before its end and said so. */
    STOPPED
  }

  /**
   * Something that runs.
   *
   * @param place host and executor
   * @param since when it began, by the driver's clock
   */
  public record Running(String kind, String label, String place, Instant since) {}

  /**
   * Something that failed.
   *
   * @param key its key in the table {@code attempts}
   * @param message what the error said
   * @param log its log, relative to the results folder
   * @param at when, by the driver's clock
   */
  public record Failed(
      String kind, String label, String key, String message, String log, Instant at) {}

  /** Cells that have their row, those from before included. */
  public int done() {
    return before + progress.of("cell").finished();
  }
}
