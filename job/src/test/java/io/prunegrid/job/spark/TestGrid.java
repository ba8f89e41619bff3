package io.prunegrid.job.spark;

/** Spark for tests: one in this process, never stopped. */
final class TestGrid {
  private static final GridSession SESSION = GridSession.open(GridSettings.local("tests", 2));

  private TestGrid() {}

  static GridSession session() {
    return SESSION;
  }
}
