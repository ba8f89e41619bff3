package io.prunegrid.job.checks;

import io.prunegrid.job.store.Step;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends the process as {@code kill -9} would when a step of the write protocol is reached for the
 * N-th time: with the system property {@code prunegrid.test.dieAt=STEP:N}, wherever the classes of
 * the tests are on the class path.
 */
public final class DieAtStep implements Step.Watcher {
  /** The system property. */
  public static final String PROPERTY = "prunegrid.test.dieAt";

  /** How a process ends that died here. */
  public static final int CODE = 137;

  private static final AtomicInteger REACHED = new AtomicInteger();

  @Override
  public void reached(Step step) {
    String[] at = System.getProperty(PROPERTY, "").split(":", 2);
    if (at.length == 2
        && step.name().equals(at[0])
        && REACHED.incrementAndGet() == Integer.parseInt(at[1])) {
      Runtime.getRuntime().halt(CODE);
    }
  }
}
