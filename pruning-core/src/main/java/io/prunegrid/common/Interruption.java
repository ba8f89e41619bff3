package io.prunegrid.common;

import java.util.concurrent.CancellationException;

/** Lets long work stop between two steps when its thread is interrupted. */
public final class Interruption {
  private Interruption() {}

  /**
   * Does nothing unless the calling thread is interrupted; leaves it interrupted.
   *
   * @throws CancellationException when it is
   */
  public static void check(String work) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException(work + " was interrupted");
    }
  }
}
