package io.prunegrid.job.spark;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;

/** What Spark logs in this process. */
public final class SparkLog {
  private SparkLog() {}

  /**
   * Ends it: a process that is told to stop stops Spark in the midst of its work, of which Spark
   * tells with stack traces. Logging without log4j is left alone.
   */
  public static void end() {
    if (LogManager.getContext(false) instanceof LoggerContext) {
      Configurator.setAllLevels("org.apache.spark", Level.OFF);
    }
  }
}
