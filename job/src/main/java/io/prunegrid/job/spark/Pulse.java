package io.prunegrid.job.spark;

import java.util.concurrent.TimeUnit;

/**
 * Tells the driver now and then how far attempts are that take long, so that something is known of
 * those that never end or take their process with them. One thread for each process.
 */
final class Pulse implements Runnable {
  private static final long PERIOD_SECONDS = 5;
  private static boolean started;

  private Pulse() {}

  static synchronized void start() {
    if (!started) {
      started = true;
      Thread thread = new Thread(new Pulse(), "pulse");
      thread.setDaemon(true);
      thread.start();
    }
  }

  @Override
  public void run() {
    while (true) {
      try {
        TimeUnit.SECONDS.sleep(PERIOD_SECONDS);
        for (AttemptLog log : AttemptLog.underWay()) {
          if (log.seconds() > PERIOD_SECONDS / 2.0) {
            tell(log);
          }
        }
      } catch (InterruptedException e) {
        return;
      } catch (OutOfMemoryError e) {
        // the attempts that use it up end with it themselves; this thread is needed afterwards
      }
    }
  }

  private static void tell(AttemptLog log) throws InterruptedException {
    try {
      Object unused = RowsPlugin.Executor.ask(new Message.Pulse(log.run(), log.key(), log.now()));
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      // the run is over, or the driver is busy: what is not told now is told next time
    }
  }
}
