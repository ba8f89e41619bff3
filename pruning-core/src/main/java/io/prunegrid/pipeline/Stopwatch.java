package io.prunegrid.pipeline;

/** Wall seconds since it was made or last split. They are reported and decide nothing. */
final class Stopwatch {
  private final long started = System.nanoTime();
  private long split = started;

  /** Seconds since the start. */
  double seconds() {
    return (System.nanoTime() - started) / 1e9;
  }

  /** Seconds since the last split, or the start. */
  double split() {
    long now = System.nanoTime();
    double seconds = (now - split) / 1e9;
    split = now;
    return seconds;
  }
}
