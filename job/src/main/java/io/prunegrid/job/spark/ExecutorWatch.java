package io.prunegrid.job.spark;

import io.prunegrid.job.schedule.Event;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.Resubmitted$;
import org.apache.spark.SparkConf;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.cluster.ExecutorInfo;

/**
 * Watches executors come and go and tasks end, from the start of Spark on, and tells the runs.
 * Spark makes it by name ({@code spark.extraListeners}).
 */
public final class ExecutorWatch extends SparkListener {
  private static final Map<String, Present> PRESENT = new LinkedHashMap<>();
  private static final Set<Control> RUNS = new LinkedHashSet<>();

  private final int coresOfTask;
  private final double gpusOfTask;

  private record Present(String host, int slots) {}

  /** For Spark, which gives its configuration. */
  public ExecutorWatch(SparkConf conf) {
    this.coresOfTask = Math.max(1, conf.getInt("spark.task.cpus", 1));
    this.gpusOfTask = conf.getDouble("spark.task.resource.gpu.amount", 0);
    synchronized (PRESENT) {
      PRESENT.clear();
    }
  }

  /** Tells a run of all executors that are there and of what happens from now on. */
  static void add(Control run) {
    synchronized (PRESENT) {
      RUNS.add(run);
      PRESENT.forEach((executor, present) -> joined(run, executor, present));
    }
  }

  /** The executors that are there. */
  static Set<String> present() {
    synchronized (PRESENT) {
      return Set.copyOf(PRESENT.keySet());
    }
  }

  static void remove(Control run) {
    synchronized (PRESENT) {
      RUNS.remove(run);
    }
  }

  private static void joined(Control run, String executor, Present present) {
    run.tell(at -> new Event.Joined(at, executor, present.host(), present.slots()));
  }

  @Override
  public void onExecutorAdded(SparkListenerExecutorAdded added) {
    ExecutorInfo info = added.executorInfo();
    Present present = new Present(info.executorHost(), slots(info));
    synchronized (PRESENT) {
      PRESENT.put(added.executorId(), present);
      RUNS.forEach(run -> joined(run, added.executorId(), present));
    }
  }

  private int slots(ExecutorInfo info) {
    int slots = info.totalCores() / coresOfTask;
    if (gpusOfTask > 0 && info.resourcesInfo().contains("gpu")) {
      int addresses = info.resourcesInfo().apply("gpu").addresses().length;
      int perAddress = Math.max(1, (int) Math.floor(1 / gpusOfTask + 1e-9));
      int shares =
          gpusOfTask <= 1 ? addresses * perAddress : (int) Math.floor(addresses / gpusOfTask);
      slots = Math.min(slots, shares);
    }
    return Math.max(1, slots);
  }

  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    Event.Blame blame = blame(removed.reason());
    synchronized (PRESENT) {
      PRESENT.remove(removed.executorId());
      RUNS.forEach(run -> run.lost(removed.executorId(), blame, removed.reason()));
    }
  }

  /** Who can have been the reason, by what Spark says. */
  static Event.Blame blame(String reason) {
    String words = reason.toLowerCase(Locale.ROOT);
    boolean outside =
        words.contains("decommission")
            || words.contains("preempted")
            || words.contains("killed by driver");
    if (outside) {
      return Event.Blame.OUTSIDE;
    }
    return ExitCodes.isSignalFromOutside(reason) ? Event.Blame.SIGNAL : Event.Blame.UNKNOWN;
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    // what is lost with its executor is told of with the executor
    if (end.reason() instanceof ExecutorLostFailure || end.reason() == Resubmitted$.MODULE$) {
      return;
    }
    String reason = end.reason() == Success$.MODULE$ ? "done" : end.reason().toString();
    synchronized (PRESENT) {
      RUNS.forEach(run -> run.ended(end.taskInfo().taskId(), reason));
    }
  }
}
