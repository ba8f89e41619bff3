package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.ArtifactStore;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.job.sweep.Presets;
import io.prunegrid.job.sweep.SingleCell;
import io.prunegrid.job.sweep.Sweep;
import io.prunegrid.job.sweep.SweepContext;
import io.prunegrid.job.sweep.SweepFile;
import io.prunegrid.pipeline.CellInputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What to run: a sweep file, or one cell given by options. */
final class SweepOptions {
  private static final String CARRIED = "--carried-sweep";

  @Parameters(
      arity = "0..1",
      paramLabel = "SWEEP",
      description =
          "A sweep file (docs/sweep-reference.md). Without one, the options of one cell say what to"
              + " run.")
  private Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Overrides a key of the sweep, or adds one: --set ratios=[0.5], --set retrain.epochs=3. May"
              + " be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--only",
      paramLabel = "AXIS=VALUES",
      description =
          "Only these cells: --only method=taylor, --only ratio>=0.5, --only subset=a,b. May be"
              + " repeated; values of one axis add up, axes must all match.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--presets",
      paramLabel = "FOLDER",
      description =
          "Where presets are looked for before the shipped ones; ./conf and ~/.prunegrid by"
              + " default.")
  private Path presets;

  @Option(
      names = "--results",
      paramLabel = "FOLDER",
      description =
          "Where the tables go; what is finished there is not run again. ./results/<sweep name> by"
              + " default.")
  private String results;

  @Option(
      names = "--store",
      paramLabel = "FOLDER",
      description =
          "Where bases and scores are kept, for other runs too; store inside the results by default.")
  private String store;

  @Option(names = CARRIED, hidden = true)
  private String carried;

  @ArgGroup(validate = false, heading = "%nOne cell, in place of a sweep file:%n")
  private CellOptions cell = new CellOptions();

  @ArgGroup(validate = false, heading = SelectionOptions.HEADING)
  private SelectionOptions selection = new SelectionOptions();

  /** What the sweep is read with. */
  SweepContext context(CellInputs inputs) {
    return new SweepContext(only, presets(), inputs);
  }

  private Presets presets() {
    return presets == null ? Presets.ofUser() : Presets.in(presets);
  }

  /**
   * The sweep, checked as a whole.
   *
   * @throws BadInput with every problem
   */
  Sweep sweep(SweepContext context) {
    Map<String, String> chosen = cellOptions();
    if (carried != null) {
      return CarriedSweep.read(carried, allOverrides(), context);
    }
    if (file == null) {
      if (!chosen.containsKey("model")) {
        throw new BadInput(
            "name a sweep file, or one cell with --model, --data, --method and --ratio");
      }
      put(chosen, "results", results);
      put(chosen, "store", store);
      return new SingleCell(chosen, overrides, context).sweep();
    }
    if (!chosen.isEmpty()) {
      throw new BadInput(
          "--"
              + String.join(", --", chosen.keySet())
              + ": these options describe one cell and cannot go with a sweep file; use --set KEY=VALUE");
    }
    return SweepFile.read(file, allOverrides(), context);
  }

  /** The sweep file, in an option; nothing where options describe one cell. */
  List<String> carried() {
    return file == null ? List.of() : List.of(CARRIED + "=" + CarriedSweep.of(file, presets()));
  }

  /** The sweep file as one text. */
  String resolved(SweepContext context) {
    if (file == null) {
      throw new BadInput("--resolved prints a sweep file; name one");
    }
    return SweepFile.resolved(file, allOverrides(), context);
  }

  private List<String> allOverrides() {
    List<String> all = new ArrayList<>(overrides);
    if (results != null) {
      all.add("results=" + results);
    }
    if (store != null) {
      all.add("store=" + store);
    }
    return all;
  }

  private Map<String, String> cellOptions() {
    Map<String, String> options = cell.given();
    options.putAll(selection.given());
    options.values().removeIf(value -> value == null);
    return options;
  }

  private static void put(Map<String, String> options, String name, String value) {
    if (value != null) {
      options.put(name, value);
    }
  }

  /**
   * Finds out without making anything whether the sweep's folders can be written.
   *
   * @throws BadInput where they cannot
   */
  static void refuseUnwritable(Sweep sweep) {
    Location results = Location.of(sweep.results());
    List<Location> stores = sweep.stores().stream().map(Location::of).toList();
    List<String> problems = new ArrayList<>();
    ResultsFolder.problem(results).ifPresent(problems::add);
    if (problems.isEmpty() || !stores.get(0).isWithin(results)) {
      problems.addAll(ArtifactStore.problems(stores));
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }
}
