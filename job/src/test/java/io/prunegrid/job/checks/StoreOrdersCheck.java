package io.prunegrid.job.checks;

import io.prunegrid.job.store.EveryOrder;
import io.prunegrid.job.store.TwoDrivers;
import io.prunegrid.job.store.TwoDrivers.Trouble;
import io.prunegrid.job.store.disk.MemoryDisk.Fencing;
import io.prunegrid.job.store.disk.TwoWriters.Cases;
import io.prunegrid.job.store.disk.TwoWriters.Switches;

/**
 * In one process, a file system that fails or dies at each single step in every order of two
 * writers: who publish one value, one artifact, or an artifact while the other collects garbage;
 * and two drivers of one results folder, of whom the first one sleeps, dies or fails at each step
 * and the second one takes over.
 */
public final class StoreOrdersCheck {
  private StoreOrdersCheck() {}

  /**
   * How much of it.
   *
   * @param artifacts turns that artifact publishers take from each other
   * @param collecting turns that a publisher and a collector take from each other
   * @param firstStride every how many-th step of the first driver goes wrong
   * @param secondStride every how many-th step of the second driver wakes a sleeping first one
   */
  public record Settings(
      Switches artifacts, Switches collecting, int firstStride, int secondStride) {
    /** Minutes. */
    public static final Settings LONG =
        new Settings(new Switches(Integer.MAX_VALUE, 5), new Switches(5, 3), 1, 4);

    /** Seconds. */
    public static final Settings SHORT =
        new Settings(new Switches(Integer.MAX_VALUE, 2), new Switches(3, 2), 12, 60);
  }

  /** Runs the long form. */
  public static void main(String[] arguments) {
    Report.main("store-orders", report -> check(Settings.LONG, report));
  }

  static void check(Settings settings, Report report) throws Exception {
    explore("two publish a value", EveryOrder::publishTwice, Switches.ALL, report);
    explore(
        "two publish an artifact", EveryOrder::publishArtifactTwice, settings.artifacts(), report);
    explore(
        "one publishes while one collects",
        EveryOrder::publishWhileCollecting,
        settings.collecting(),
        report);
    for (Fencing fencing : Fencing.values()) {
      for (Trouble trouble : Trouble.values()) {
        drive(fencing, trouble, settings, report);
      }
    }
  }

  private static void explore(String name, Cases cases, Switches most, Report report)
      throws Exception {
    long runs = 0;
    String violation = "";
    try {
      runs = EveryOrder.explore(cases, most);
    } catch (AssertionError e) {
      violation = ": " + e.getMessage();
    }
    report.figure(name + ": orders", runs);
    report.claim(
        runs > 500 && violation.isEmpty(), "%s: the contract in every order%s", name, violation);
  }

  private static void drive(Fencing fencing, Trouble trouble, Settings settings, Report report)
      throws Exception {
    String name = "two drivers, " + fencing + ", the first " + trouble;
    int runs = 0;
    String violation = "";
    boolean reached = true;
    try {
      for (int step = 0; reached; step += settings.firstStride()) {
        // Only one that sleeps has a moment to wake at.
        int second = trouble == Trouble.SLEEPS ? step % settings.secondStride() : 0;
        TwoDrivers.Outcome outcome;
        do {
          outcome = TwoDrivers.run(fencing, trouble, step, second);
          reached = outcome.isFirstThere();
          runs++;
          second += settings.secondStride();
        } while (reached && trouble == Trouble.SLEEPS && outcome.isSecondThere());
      }
    } catch (AssertionError e) {
      violation = ": " + e.getMessage();
    }
    report.figure(name + ": runs", runs);
    report.claim(
        runs > 5 && violation.isEmpty(), "%s: one row a key, none lost%s", name, violation);
  }
}
