package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.spark.SweepRun;
import io.prunegrid.job.sweep.CellSelector;
import io.prunegrid.job.sweep.Execution;
import io.prunegrid.job.sweep.Explanation;
import io.prunegrid.job.sweep.Grid;
import io.prunegrid.job.sweep.Plan;
import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.job.sweep.Sweep;
import io.prunegrid.job.sweep.SweepContext;
import io.prunegrid.pipeline.Inputs;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
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
    footer = {
      "",
      "Examples:",
      "  prunegrid plan sweeps/quickstart.conf",
      "  prunegrid plan sweeps/quickstart.conf --explain method=taylor,ratio=0.5"
    })
final class PlanCommand implements Callable<Integer> {
  /** So many cells are explained; more would explain nothing. */
  private static final int MOST_EXPLAINED = 20;

  @Spec private CommandSpec spec;
  @Mixin private SweepOptions options;

  @Option(
      names = "--resolved",
      description =
          "Print the sweep as one file that needs no other: includes, variables, presets and"
              + " overrides in place, defaults filled in.")
  private boolean resolved;

  @Option(
      names = "--explain",
      paramLabel = "CELL",
      description =
          "Say why a cell would run: the beginning of a key, or values of axes as in"
              + " method=taylor,ratio=0.5.")
  private String explain;

  @Option(
      names = "--unresolved",
      description =
          "Count a sweep whose data and weights are not here; what is missing is named, what is"
              + " finished is not looked for.")
  private boolean unresolved;

  @Option(
      names = "--verify",
      description = "Read all data, also where files have not changed since they were last read.")
  private boolean verify;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the plan as JSON, too; - prints it in place of the text.")
  private String json;

  @Override
  public Integer call() {
    refuseTogether();
    Answer answer = Answer.to(Optional.ofNullable(json));
    PrintWriter out = spec.commandLine().getOut();
    Inputs inputs = SweepRun.inputs();
    SweepContext context = options.context(inputs);
    if (resolved) {
      out.print(options.resolved(context));
      out.flush();
      return 0;
    }
    if (unresolved) {
      context = context.withoutInputs();
    }
    Sweep sweep = options.sweep(context);
    if (verify) {
      sweep.grids().stream().map(Grid::data).distinct().forEach(inputs::verify);
    }
    if (!unresolved) {
      SweepOptions.refuseUnwritable(sweep);
      requireDevice(sweep.execution());
    }
    Plan plan = Plan.of(sweep, context.inputs());
    PlanState state = unresolved ? PlanState.NOTHING : PlanState.of(sweep, this::sayDamaged);
    if (explain != null) {
      explain(plan, state, context, out);
      out.flush();
      return 0;
    }
    PlanReport report = new PlanReport(sweep, plan, state, context.missing());
    answer.give(out, report::json, report::print);
    return 0;
  }

  /** Devices that Spark assigns are those of hosts where the sweep may run, not of this one. */
  private static void requireDevice(Execution execution) {
    if (execution.gpus().signum() == 0) {
      SweepRun.requireDevice(execution.device());
    }
  }

  private void sayDamaged(String damage) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(damage + "; it is made again where it is needed");
    err.flush();
  }

  private void refuseTogether() {
    if (explain != null && (unresolved || resolved || json != null)) {
      throw new BadInput("--explain goes with neither --unresolved, --resolved nor --json");
    }
    if (verify && (unresolved || resolved)) {
      throw new BadInput("--verify goes with neither --unresolved nor --resolved");
    }
    if (resolved && (unresolved || json != null)) {
      throw new BadInput("--resolved goes with neither --unresolved nor --json");
    }
  }

  private void explain(Plan plan, PlanState state, SweepContext context, PrintWriter out) {
    CellSelector selector = new CellSelector(explain);
    Explanation explanation = new Explanation(state.rows(), state.waiting(plan));
    int explained = 0;
    int more = 0;
    List<PlannedCell> cells = (selector.isKey() ? plan.where(selector::begins) : plan).cells();
    for (PlannedCell cell : cells) {
      if (!selector.matches(cell)) {
        continue;
      }
      if (explained < MOST_EXPLAINED) {
        explanation.of(cell, context.inputs()).forEach(out::println);
        explained++;
      } else {
        more++;
      }
    }
    if (explained == 0) {
      explanation
          .unplanned(selector)
          .ifPresentOrElse(
              out::println,
              () -> {
                throw new BadInput("no cell of the plan and no row is " + selector);
              });
    }
    if (more > 0) {
      out.println("and " + more + " more");
    }
  }
}
