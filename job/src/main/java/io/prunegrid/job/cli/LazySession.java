package io.prunegrid.job.cli;

import io.prunegrid.job.spark.GridSession;
import io.prunegrid.job.spark.GridSettings;

/** Spark, started when it is first needed: a run that finds nothing to do starts none. */
final class LazySession implements AutoCloseable {
  private final GridSettings settings;
  private GridSession session;

  LazySession(GridSettings settings) {
    this.settings = settings;
  }

  GridSession get() {
    if (session == null) {
      session = GridSession.open(settings);
    }
    return session;
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
  }
}
