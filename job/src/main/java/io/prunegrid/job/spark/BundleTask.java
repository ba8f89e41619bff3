package io.prunegrid.job.spark;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.VoidFunction;

/**
 * The body of a Spark task: asks for a bundle once it has a slot, does its items one after the
 * other and hands each one's rows over as it ends. An item's error is that item's; only an error of
 * handing over, or the task being killed, is the task's. The task ends when all its rows are on the
 * driver's disk.
 */
final class BundleTask implements VoidFunction<Iterator<Integer>> {
  private static final long serialVersionUID = 1L;
  private static final long LONGEST_PAUSE_MILLIS = 50;

  private final String run;
  private final ItemRunner runner;

  BundleTask(String run, ItemRunner runner) {
    this.run = run;
    this.runner = runner;
  }

  @Override
  public void call(Iterator<Integer> submitted) throws Exception {
    long task = TaskContext.get().taskAttemptId();
    while (submitted.hasNext()) {
      if (bundle(task, submitted.next()) instanceof Orders.Do bundle) {
        waitUntilSettled(task, work(task, bundle));
      }
    }
  }

  private Orders bundle(long task, int ticket) throws Exception {
    Message.Ask question =
        new Message.Ask(run, task, ticket, RowsPlugin.Executor.name(), RowsPlugin.Executor.place());
    Orders orders = (Orders) ask(question);
    while (orders instanceof Orders.Wait wait) {
      Thread.sleep(wait.millis());
      orders = (Orders) ask(question);
    }
    return orders;
  }

  private List<Long> work(long task, Orders.Do bundle) throws Exception {
    List<Long> tickets = new ArrayList<>();
    for (int i = 0; i < bundle.items().size(); i++) {
      int item = bundle.numbers().get(i);
      int attempt = (int) ask(new Message.Begin(run, task, item));
      if (attempt >= 0) {
        tickets.add(attempt(task, item, bundle.items().get(i), attempt));
      }
    }
    return tickets;
  }

  private void waitUntilSettled(long task, List<Long> tickets) throws Exception {
    long pause = 1;
    while (!(boolean) ask(new Message.Settled(run, task, tickets))) {
      Thread.sleep(pause);
      pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
    }
  }

  private long attempt(long task, int number, WorkItem item, int attempt) throws Exception {
    String place = RowsPlugin.Executor.place();
    ItemAttempt.Ended ended = new ItemAttempt(run, item, attempt, place).make(runner);
    long ticket =
        (long)
            ask(
                new Message.Ended(
                    run,
                    task,
                    number,
                    ended.seconds(),
                    ended.failure(),
                    ended.rows(),
                    ended.log()));
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
