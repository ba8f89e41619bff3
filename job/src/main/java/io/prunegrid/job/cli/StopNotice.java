package io.prunegrid.job.cli;

import io.prunegrid.job.spark.SparkLog;

/**
 * What is said when a process is told to end, by Ctrl-C or a signal, in the midst of its work:
 * until it is closed.
 */
final class StopNotice implements AutoCloseable {
  private final Thread hook;

  private StopNotice(Thread hook) {
    this.hook = hook;
  }

  static StopNotice of(Runnable says) {
    Thread hook =
        new Thread(
            () -> {
              SparkLog.end();
              says.run();
            },
            "stop notice");
    Runtime.getRuntime().addShutdownHook(hook);
    return new StopNotice(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending already
    }
  }
}
