package io.prunegrid.job.schedule;

import io.prunegrid.job.schedule.Scenario.Fate;
import io.prunegrid.job.schedule.SimulatedGrid.SimulatedExecutor;
import io.prunegrid.job.schedule.SimulatedGrid.SimulatedTask;
import java.util.ArrayList;
import java.util.List;

/** Keeps count of a simulated run by itself, and holds the scheduler to its promises. */
public final class Ledger {
  private static final int MOST_TOLD = 10;

  private final Scenario scenario;
  private final byte[] rows;
  private final byte[] givenUp;
  private final boolean[] suspected;
  private final List<String> broken = new ArrayList<>();
  private double busy;
  private double wasted;
  private double twice;
  private int excluded;
  private int suspects;

  /**
   * What came of a run.
   *
   * @param broken promises that were not kept, in words; the first few
   * @param busyPercent of the time of all slots, until the last item was settled
   * @param twicePercent of that work was for nothing: lost with its process, or done before
   * @param seconds that the run took
   * @param rows items with a row
   * @param givenUp items that were given up, with reason
   * @param unlucky among them items that did nothing wrong but lost two processes by chance
   * @param suspects items that were confirmed alone
   * @param excluded hosts that were excluded
   */
  public record Report(
      List<String> broken,
      double busyPercent,
      double twicePercent,
      double seconds,
      int rows,
      int givenUp,
      int unlucky,
      int suspects,
      int excluded) {
    public Report {
      broken = List.copyOf(broken);
    }
  }

  Ledger(Scenario scenario) {
    this.scenario = scenario;
    int size = scenario.work().size();
    this.rows = new byte[size];
    this.givenUp = new byte[size];
    this.suspected = new boolean[size];
  }

  void busy(double seconds) {
    busy += seconds;
  }

  void wasted(double seconds) {
    busy += seconds;
    wasted += seconds;
  }

  /** What the scheduler lets begin must be ready, and a suspect must be alone. */
  void begins(int item, SimulatedExecutor executor) {
    for (int need : scenario.work().needs(item)) {
      if (rows[need] == 0) {
        tell("item " + item + " began before " + need + ", which it needs");
      }
    }
    for (SimulatedTask other : executor.tasks.values()) {
      boolean beside = other.current >= 0 && other.current != item;
      if (beside && (suspected[item] || suspected[other.current])) {
        tell("item " + item + " began beside " + other.current + ", and one is a suspect");
      }
    }
  }

  void decided(Event event, Decision.Answer answer) {
    if (event instanceof Event.Finished finished && answer instanceof Decision.Take) {
      int item = finished.item();
      if (rows[item] > 0) {
        twice += finished.seconds();
      }
      rows[item] = 1;
      if (scenario.fate(item) != Fate.FINISHES) {
        tell("item " + item + " finished, which cannot be");
      }
    }
  }

  void decided(Decision decision) {
    if (decision instanceof Decision.GiveUp up) {
      givenUp[up.item()]++;
      if (up.kind().isOfTheItem() && scenario.fate(up.item()) == Fate.FINISHES) {
        // a broken host's doing: taken back when the host is excluded
        givenUp[up.item()] = 1;
      }
    } else if (decision instanceof Decision.Retry retry) {
      givenUp[retry.item()] = 0;
      if (retry.kind() == FailureKind.EXECUTOR_LOST) {
        suspects++;
        if (suspected[retry.item()] && scenario.fate(retry.item()) == Fate.KILLS) {
          tell("killer " + retry.item() + " lost a process alone and is tried again");
        }
        suspected[retry.item()] = true;
      }
    } else if (decision instanceof Decision.Block block) {
      block.items().forEach(item -> givenUp[item]++);
    } else if (decision instanceof Decision.Exclude) {
      excluded++;
    }
  }

  Report report(double slotSeconds, double seconds) {
    int finished = 0;
    int failed = 0;
    int unlucky = 0;
    for (int item = 0; item < rows.length; item++) {
      finished += rows[item];
      if (rows[item] == 1) {
        continue;
      }
      if (givenUp[item] != 1) {
        tell("item " + item + " has no row and " + givenUp[item] + " verdicts");
      }
      failed++;
      unlucky += scenario.fate(item) == Fate.FINISHES ? 1 : 0;
    }
    return new Report(
        broken,
        100 * busy / slotSeconds,
        100 * (wasted + twice) / Math.max(busy, 1e-9),
        seconds,
        finished,
        failed,
        unlucky,
        suspects,
        excluded);
  }

  private void tell(String promise) {
    if (broken.size() < MOST_TOLD) {
      broken.add(promise);
    }
  }
}
