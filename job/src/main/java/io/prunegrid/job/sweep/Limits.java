package io.prunegrid.job.sweep;

import java.time.Duration;
import java.util.Optional;

/**
 * When a run stops waiting or trying. Nothing of it enters a cell's key.
 *
 * @param cellTime how long a cell may take; no limit where absent
 * @param retries how many times an item is tried again after the machinery around it failed
 * @param onFailure whether the run goes on after a cell has failed
 * @param sameFailures the run stops where its first so many cells all fail the same way; 0 for
 *     never
 */
public record Limits(
    Optional<Duration> cellTime, int retries, OnFailure onFailure, int sameFailures) {

  /** What a failed cell does to the others. */
  public enum OnFailure {
    /** The others run. */
    CONTINUE,
    /** Nothing new is started. */
    STOP
  }

  /** The same, but the run ends at the first failure. */
  public Limits failingFast() {
    return new Limits(cellTime, retries, OnFailure.STOP, sameFailures);
  }
}
