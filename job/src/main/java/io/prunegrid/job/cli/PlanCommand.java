package io.prunegrid.job.cli;

import io.prunegrid.job.spark.SweepRun;
import io.prunegrid.job.store.ArtifactStore;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.job.sweep.Grid;
import io.prunegrid.job.sweep.Plan;
import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.job.sweep.PlannedImages;
import io.prunegrid.job.sweep.Sweep;
import io.prunegrid.pipeline.CellWork;
import io.prunegrid.runtime.ImageCounts;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prunegrid plan}. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = {
      "Says what a sweep means: its cells, the work they share, what is finished, about how long the rest takes.",
      "Checks everything that run checks, and runs and writes nothing."
    },
    footer = {"", "Example:  prunegrid plan sweeps/quickstart.conf"})
final class PlanCommand implements Callable<Integer> {
  /**
   * Multiply-accumulates a second of one core on small convolutions: the order of magnitude, no
   * more.
   */
  private static final double MACS_PER_CORE_SECOND = 8e10;

  @Spec private CommandSpec spec;
  @Mixin private SweepOptions options;

  @SuppressWarnings("UnusedVariable") // asked for by name where a failure is told
  @Option(names = "--verbose", description = "Show a stack trace where something goes wrong.")
  private boolean verbose;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Sweep sweep = options.sweep();
    Location results = Location.of(sweep.results());
    SweepOptions.refuseUnwritable(sweep);
    SweepRun.requireDevice(sweep.execution().device());
    Plan plan = Plan.of(sweep, SweepRun.inputs());
    Plan missing = plan.without(finished(results));
    out.println("sweep " + sweep.name());
    for (Grid grid : sweep.grids()) {
      out.printf(
          "  grid %s: %s x %s x %s x %s x %s = %d cells on %s%n",
          grid.name(),
          count(grid.models().size(), "model"),
          count(grid.subsets().size(), "subset"),
          count(grid.methods().size(), "method"),
          count(grid.ratios().size(), "ratio"),
          count(grid.seeds().size(), "seed"),
          grid.cells().size(),
          grid.data());
    }
    out.printf("cells       %d%s%n", plan.cells().size(), collapsed(plan));
    out.printf(
        "bases       %d, of which %d are trained%n",
        plan.bases().size(), plan.bases().stream().filter(PlannedCell::trainsBase).count());
    out.printf(
        "scores      %d, of which %d see images%n",
        plan.scores().size(), plan.scores().stream().filter(PlannedCell::seesImages).count());
    out.printf("evaluations %d of unpruned networks%n", plan.evaluations().size());
    out.printf(
        "finished    %d, missing %d%n",
        plan.cells().size() - missing.cells().size(), missing.cells().size());
    out.println(images(missing, sweep));
    long seconds =
        Math.round(
            missing.macs()
                / MACS_PER_CORE_SECOND
                / sweep.execution().localSlots()
                / sweep.execution().threads());
    out.printf(
        "time        about %s on this machine's %d slots (an upper bound from %.2g multiply-accumulates)%n",
        Durations.text(seconds), sweep.execution().localSlots(), missing.macs());
    out.printf("results     %s%n", sweep.results());
    out.printf("store       %s%n", String.join(", then ", sweep.stores()));
    out.flush();
    return 0;
  }

  private static String images(Plan missing, Sweep sweep) {
    Predicate<String> found =
        ArtifactStore.openToRead(sweep.stores().stream().map(Location::of).toList(), warning -> {})
            ::contains;
    PlannedImages images = PlannedImages.of(missing, found);
    ImageCounts counts = images.counts();
    return String.format(
        Locale.ROOT,
        "images      %s%,d through networks: %,d in training, %,d for scores, %,d in evaluations",
        images.stop() == CellWork.Stop.PERHAPS_EARLY ? "at most " : "",
        counts.total(),
        counts.trained(),
        counts.scored(),
        counts.evaluated());
  }

  private static Set<String> finished(Location results) {
    if (!ResultsReader.isResultsFolder(results, RunCommand.TABLES)) {
      return Set.of();
    }
    return ResultsReader.open(results, RunCommand.TABLES).rows(CellColumns.TABLE).stream()
        .map(row -> row.get("key").toString())
        .collect(Collectors.toSet());
  }

  private static String collapsed(Plan plan) {
    return plan.collapsed() == 0
        ? ""
        : ", after "
            + plan.collapsed()
            + " of "
            + plan.asked()
            + " fell together: seeds that vary nothing, or the same cell in two grids";
  }

  private static String count(int n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }
}
