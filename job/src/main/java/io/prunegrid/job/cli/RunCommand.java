package io.prunegrid.job.cli;

import io.prunegrid.job.analysis.Summary;
import io.prunegrid.job.spark.Gpus;
import io.prunegrid.job.spark.GridSettings;
import io.prunegrid.job.spark.LatencyRun;
import io.prunegrid.job.spark.RunListener;
import io.prunegrid.job.spark.SweepRun;
import io.prunegrid.job.spark.WorkerSettings;
import io.prunegrid.job.spark.WorkerSettings.KeptModels;
import io.prunegrid.job.store.ArtifactStore;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.FailedBefore;
import io.prunegrid.job.store.MeasurementColumns;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.Table;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.job.sweep.Execution;
import io.prunegrid.job.sweep.Limits;
import io.prunegrid.job.sweep.Plan;
import io.prunegrid.job.sweep.Sweep;
import io.prunegrid.job.watch.Heartbeat;
import io.prunegrid.job.watch.RunMonitor;
import io.prunegrid.job.watch.RunStatus;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.avro.generic.GenericRecord;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prunegrid run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the cells of a sweep that are not finished yet, and prints a summary.",
      "Each finished cell is one row on disk at once; a run that was killed goes on where it"
          + " stopped.",
      "Cells that failed by themselves wait for rerun; what the machinery failed is tried again."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every cell is finished",
      "1:an internal error",
      "2:something is wrong with what was asked",
      "3:some cells are not finished; the reasons are in the table attempts"
    },
    footer = {
      "",
      "Examples:",
      "  prunegrid run sweeps/quickstart.conf",
      "  prunegrid run sweep.conf --set seeds=[0] --results /data/results",
      "  prunegrid run --model small-cnn --data fashion --method ln --ratio 0.5 \\",
      "      --set train.epochs=10 --set retrain.epochs=2"
    })
class RunCommand implements Callable<Integer> {
  static final List<Table> TABLES =
      List.of(CellColumns.TABLE, Attempts.TABLE, MeasurementColumns.TABLE);

  private static final int CELLS_MISSING = 3;

  @Spec private CommandSpec spec;
  @Mixin private SweepOptions options;

  @ArgGroup(validate = false, heading = "%nWhere cells run:%n")
  private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = "--fail-fast",
      description = "Stop at the first failure; as --set fail-fast=true.")
  private boolean failFast;

  ClusterOptions cluster() {
    return cluster;
  }

  /**
   * Where the results go.
   *
   * @throws io.prunegrid.common.BadInput with every problem of the sweep
   */
  Location results() {
    Sweep sweep = options.sweep(options.context(SweepRun.inputs()));
    SweepOptions.refuseUnwritable(sweep);
    return Location.of(sweep.results()).absolute();
  }

  /** What says the same as this command's sweep where this machine's files are not at hand. */
  List<String> carried() {
    return options.carried();
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, String> sparkOptions = cluster.sparkOptions();
    Sweep sweep = options.sweep(options.context(SweepRun.inputs()));
    Plan plan = Plan.of(sweep, SweepRun.inputs());
    Location folder = Location.of(sweep.results());
    SweepOptions.refuseUnwritable(sweep);
    GridSettings wanted = settings(sweep, sparkOptions);
    Gpus gpus = wanted.gpusHere();
    GridSettings settings = wanted.within(gpus);
    if (cluster.isHere() && !gpus.areWanted()) {
      SweepRun.requireDevice(sweep.execution().device());
    }
    Location store = Location.of(sweep.stores().get(0));
    if (!store.isWithin(folder)) {
      ArtifactStore.tryToMake(store);
    }
    boolean complete;
    try (ResultsFolder results = ResultsFolder.open(folder, TABLES)) {
      sayWhatWasRecovered(results.recovery());
      Plan missing = plan.without(results.finishedKeys(CellColumns.TABLE));
      Plan chosen = chosen(missing, missing.needing(FailedBefore.keys(results.reader())));
      WorkerSettings worker = workerSettings(sweep, gpus);
      int before = plan.cells().size() - missing.cells().size();
      RunMonitor monitor =
          new RunMonitor(sweep.name(), before + chosen.cells().size(), before, Clock.systemUTC());
      try (LazySession session = new LazySession(settings)) {
        Heartbeat.Body<Boolean> all =
            () -> {
              boolean cells =
                  chosen.cells().isEmpty()
                      || run(
                          new SweepRun(chosen, worker, limits(sweep)),
                          chosen,
                          monitor,
                          session,
                          results);
              if (sweep.latency().isPresent()) {
                measure(
                    LatencyRun.of(sweep.latency().get(), plan, results.reader(), worker),
                    monitor,
                    session,
                    results);
              }
              return cells;
            };
        if (missing.cells().isEmpty()) {
          sayNothingToDo(plan);
        }
        // a run that does nothing leaves the status of the one that did
        boolean idle = chosen.cells().isEmpty() && sweep.latency().isEmpty();
        complete =
            (idle ? all.run() : Heartbeat.during(results.location(), monitor, all))
                && chosen.cells().size() == missing.cells().size();
      }
    }
    ResultsReader reader = ResultsReader.open(folder, TABLES);
    List<GenericRecord> rows = reader.rows(CellColumns.TABLE);
    sayWhichModelsAreMissing(sweep, rows);
    out.print(Summary.of(rows, reader.rows(MeasurementColumns.TABLE)).text());
    out.println("results: " + folder);
    out.flush();
    return complete ? 0 : CELLS_MISSING;
  }

  private void sayWhatWasRecovered(ResultsFolder.Recovery recovery) {
    if (recovery.rows() > 0) {
      say("a run that was killed left " + recovery.rows() + " rows in the journal; they are kept");
    }
    recovery
        .damaged()
        .forEach(
            file ->
                say(
                    "a file of the journal was damaged, and rows that it lost run again;"
                        + " it is kept as "
                        + file));
  }

  private void sayWhichModelsAreMissing(Sweep sweep, List<GenericRecord> rows) {
    long missing = rows.stream().filter(row -> row.get("model_folder") == null).count();
    if (sweep.models() == Sweep.KeepModels.YES && missing > 0) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          missing
              + " finished cells have no model folder: they ran without keep-models; another"
              + " --results folder would run them again");
      err.flush();
    }
  }

  private void sayNothingToDo(Plan plan) {
    PrintWriter err = spec.commandLine().getErr();
    int cells = plan.cells().size();
    err.println(
        (cells == 1 ? "the only cell is" : "all " + cells + " cells are")
            + " finished, nothing is left to run");
    err.flush();
  }

  /**
   * The cells to run.
   *
   * @param missing all that are not finished
   * @param failedBefore keys of those among them that earlier runs gave up
   */
  Plan chosen(Plan missing, Set<String> failedBefore) {
    if (!failedBefore.isEmpty()) {
      int cells = failedBefore.size();
      say(
          (cells == 1 ? "1 cell" : cells + " cells")
              + " failed before, or need what failed; rerun --status failed tries "
              + (cells == 1 ? "it" : "them")
              + " again");
    }
    return missing.without(failedBefore);
  }

  /** Tells people, apart from the answer. */
  final void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }

  private GridSettings settings(Sweep sweep, Map<String, String> sparkOptions) {
    Execution execution = sweep.execution();
    return new GridSettings(
        "prunegrid " + sweep.name(),
        cluster.isHere() ? execution.localSlots() : execution.slots(),
        execution.threads(),
        execution.gpus(),
        cluster.master(),
        sparkOptions);
  }

  private static WorkerSettings workerSettings(Sweep sweep, Gpus gpus) {
    return new WorkerSettings(
        sweep.name(),
        absolute(sweep.results()),
        sweep.stores().stream().map(RunCommand::absolute).toList(),
        sweep.models() == Sweep.KeepModels.YES ? KeptModels.ALL : KeptModels.NONE,
        sweep.execution().threads(),
        sweep.execution().device(),
        gpus);
  }

  private boolean run(
      SweepRun run, Plan chosen, RunMonitor monitor, LazySession session, ResultsFolder results)
      throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    ProgressDisplay display = ProgressDisplay.open(err, monitor, chosen.shared());
    try (display) {
      run.run(session.get(), results, monitor);
    } catch (RuntimeException e) {
      if (!display.isStopped()) {
        throw e;
      }
    }
    if (display.isStopped()) {
      throw new StoppedFromOutside();
    }
    RunStatus status = monitor.status();
    ProgressDisplay.failures(status).forEach(err::println);
    err.flush();
    return status.done() == status.cells();
  }

  private Limits limits(Sweep sweep) {
    return failFast ? sweep.limits().failingFast() : sweep.limits();
  }

  /** The phase after the cells; what it cannot measure leaves the sweep's cells as they are. */
  private void measure(
      LatencyRun run, RunMonitor monitor, LazySession session, ResultsFolder results)
      throws InterruptedException {
    LatencyDisplay display = new LatencyDisplay(spec.commandLine().getErr());
    display.end(
        run,
        run.size() == 0
            ? LatencyRun.NOTHING
            : run.run(session.get(), results, RunListener.both(display, monitor)));
  }

  private static String absolute(String folder) {
    return Location.of(folder).absolute().text();
  }
}
