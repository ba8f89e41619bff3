package io.prunegrid.job.checks;

import io.prunegrid.job.schedule.Ledger;
import io.prunegrid.job.schedule.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The scheduler at scale, first on paper and then on two real workers. On paper executors crash or
 * are falsely taken for dead, hosts are slow or broken, messages get lost, cells kill, hang and
 * throw, and yet every cell ends once.
 */
public final class ScaleCheck {
  private ScaleCheck() {}

  /**
   * A thousand seeds and one run of a million cells, then a sweep on one worker and on two, once;
   * the arguments being another number of seeds, and of turns of the sweep.
   */
  public static void main(String[] arguments) {
    int seeds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1000;
    int turns = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
    Report.main(
        "scale",
        report -> {
          simulate(report, new Simulation.Settings(100, 1, 10_000, 9, 20, 1, 0), seeds);
          simulate(report, new Simulation.Settings(50, 2, 10_000, 9, 20, 1, 0), seeds / 10 + 1);
          simulate(report, new Simulation.Settings(1000, 1, 1_000_000, 99, 200, 0.1, 0), 1);
          ScaleOnWorkers.check(report, turns);
        });
  }

  /** Simulates runs with seeds from 0 on and reports on them. */
  static void simulate(Report report, Simulation.Settings settings, int seeds) {
    long from = System.nanoTime();
    List<Ledger.Report> runs = new ArrayList<>();
    List<String> broken = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      Ledger.Report run = Simulation.run(settings.withSeed(seed));
      runs.add(run);
      for (String promise : run.broken()) {
        broken.add("seed " + seed + ": " + promise);
      }
    }
    String what =
        String.format(
            Locale.ROOT,
            "%,d executors of %d slots, %,d cells, %,d seeds",
            settings.executors(),
            settings.slots(),
            settings.cells(),
            seeds);
    report.figure("simulated", what);
    report.figure("  crashes, poisonous cells, messages lost", hazards(settings));
    report.figure("  seconds that the simulation took", text((System.nanoTime() - from) * 1e-9));
    report.figure("  seconds of the simulated run", spread(runs, Ledger.Report::seconds));
    report.figure("  % of the slots' time busy", spread(runs, Ledger.Report::busyPercent));
    report.figure("  % of it lost or done twice", spread(runs, Ledger.Report::twicePercent));
    report.figure("  rows", spread(runs, Ledger.Report::rows));
    report.figure("  given up or blocked", spread(runs, Ledger.Report::givenUp));
    report.figure("  of them only unlucky", spread(runs, Ledger.Report::unlucky));
    report.figure("  confirmed alone", spread(runs, Ledger.Report::suspects));
    report.figure("  hosts excluded", spread(runs, Ledger.Report::excluded));
    report.claim(
        broken.isEmpty(),
        "every item of %s ends once, in its order, killers alone %s",
        what,
        broken);
    double busy = runs.stream().mapToDouble(Ledger.Report::busyPercent).average().orElse(0);
    report.claim(busy >= 90, "slots are busy 90 %% of the time on average: %.1f %%", busy);
  }

  private static String hazards(Simulation.Settings settings) {
    return settings.crashes() + ", " + settings.poisonous() + ", " + settings.lossPercent() + " %";
  }

  private static String spread(List<Ledger.Report> runs, ToDoubleFunction<Ledger.Report> figure) {
    double[] values = runs.stream().mapToDouble(figure).sorted().toArray();
    double mean = runs.stream().mapToDouble(figure).average().orElse(0);
    return values.length == 1
        ? text(mean)
        : text(mean) + " (" + text(values[0]) + " to " + text(values[values.length - 1]) + ")";
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
