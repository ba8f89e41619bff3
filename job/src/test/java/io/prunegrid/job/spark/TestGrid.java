package io.prunegrid.job.spark;

import org.apache.spark.SparkContext;

/**
 * Spark for tests: one in this process, started again where a command under test has stopped it.
 */
public final class TestGrid {
  private static GridSession session;
  private static SparkContext context;

  private TestGrid() {}

  /** The session. */
  public static synchronized GridSession session() {
    if (session == null || context.isStopped()) {
      session = GridSession.open(GridSettings.local("tests", 2));
      context = SparkContext.getOrCreate();
    }
    return session;
  }
}
