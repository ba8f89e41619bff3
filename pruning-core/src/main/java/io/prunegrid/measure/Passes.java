package io.prunegrid.measure;

/**
 * A network laid out in memory, ready to be timed. Where its weights happen to lie changes how fast
 * it is, so a measurement opens a network many times.
 */
public interface Passes extends AutoCloseable {
  /** Does the work that is timed, and returns when it is done. */
  void pass();

  @Override
  void close();

  /** Lays a network out anew. */
  @FunctionalInterface
  interface Source {
    Passes open();
  }
}
