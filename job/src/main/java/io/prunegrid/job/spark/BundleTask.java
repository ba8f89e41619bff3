package io.prunegrid.job.spark;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.VoidFunction;

/**
 * The body of a Spark task: does a bundle's items one after the other and hands each one's rows
 * over as it ends. An item's error is that item's; only an error of handing over, or the task being
 * killed, is the task's. The task ends when all its rows are on the driver's disk.
 */
final class BundleTask implements VoidFunction<Iterator<Bundle>> {
  private static final long serialVersionUID = 1L;
  private static final long LONGEST_PAUSE_MILLIS = 50;

  private final String run;
  private final ItemRunner runner;

  BundleTask(String run, ItemRunner runner) {
    this.run = run;
    this.runner = runner;
  }

  @Override
  public void call(Iterator<Bundle> bundles) throws Exception {
    List<Long> tickets = new ArrayList<>();
    while (bundles.hasNext()) {
      for (WorkItem item : bundles.next().items()) {
        String place = RowsPlugin.Executor.place();
        int number = (int) ask(new Message.Begin(run, item.key(), place));
        if (number >= 0) {
          tickets.add(attempt(item, number, place));
        }
      }
    }
    long pause = 1;
    while (!(boolean) ask(new Message.Settled(run, tickets))) {
      Thread.sleep(pause);
      pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
    }
  }

  private long attempt(WorkItem item, int number, String place) throws Exception {
    ItemAttempt.Ended ended = new ItemAttempt(run, item, number, place).make(runner);
    long ticket =
        (long)
            ask(
                new Message.Ended(
                    run, item.key(), ended.seconds(), ended.failure(), ended.rows(), ended.log()));
    AttemptWatcher.tell(AttemptWatcher.Step.HANDED_OVER, item);
    if (ended.killed() != null) {
      throw ended.killed();
    }
    return ticket;
  }

  private static Object ask(Message message) throws Exception {
    return RowsPlugin.Executor.ask(message);
  }
}
