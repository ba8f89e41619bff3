package io.prunegrid.job.watch;

import java.util.Optional;
import java.util.function.Supplier;

/** Whether the driver that wrote a status still lives. */
public enum Liveness {
  /** It lives. */
  ALIVE,
  /** It said that it ended. */
  ENDED,
  /** It died without a word, or gives no sign of life. */
  GONE;

  private static final int BEATS = 3;
  private static final int LOOKS_A_BEAT = 10;

  /** Lets time pass. */
  @FunctionalInterface
  public interface Pause {
    void millis(long millis) throws InterruptedException;
  }

  /**
   * Finds out. A driver of this machine is looked for among its processes; of another one the
   * heartbeat is watched for a few beats, which compares no clocks.
   *
   * @param status what was read first
   * @param again reads it once more
   */
  public static Liveness of(RunStatus status, Supplier<Optional<RunStatus>> again, Pause pause)
      throws InterruptedException {
    if (status.state() != RunStatus.State.RUNNING) {
      return ENDED;
    }
    Optional<Boolean> here = status.driver().isAlive();
    if (here.isPresent()) {
      return here.get() ? ALIVE : last(status, again);
    }
    long step = Math.max(1, Math.round(1000 * status.everySeconds() / LOOKS_A_BEAT));
    for (int look = 0; look < BEATS * LOOKS_A_BEAT; look++) {
      pause.millis(step);
      RunStatus now = again.get().orElse(status);
      if (now.state() != RunStatus.State.RUNNING) {
        return ENDED;
      }
      if (now.heartbeat() != status.heartbeat() || !now.began().equals(status.began())) {
        return ALIVE;
      }
    }
    return GONE;
  }

  /** A process that is gone may have said so after its status was first read. */
  private static Liveness last(RunStatus status, Supplier<Optional<RunStatus>> again) {
    return again.get().orElse(status).state() == RunStatus.State.RUNNING ? GONE : ENDED;
  }
}
