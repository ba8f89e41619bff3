package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.sweep.SingleCell;
import io.prunegrid.job.sweep.Sweep;
import io.prunegrid.job.sweep.SweepFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What to run: a sweep file, or one cell given by options. */
final class SweepOptions {
  @Parameters(
      arity = "0..1",
      paramLabel = "SWEEP",
      description = "A sweep file. Without one, the options below say what the only cell is.")
  private Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Overrides a key of the sweep: --set ratios=[0.5], --set retrain.epochs=3. May be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--results",
      paramLabel = "FOLDER",
      description = "Where the tables go; ./results/<sweep name> by default.")
  private String results;

  @Option(
      names = "--store",
      paramLabel = "FOLDER",
      description =
          "Where bases and scores are kept, for other runs too; store inside the results by default.")
  private String store;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "One cell: a network of the zoo, or a model folder.")
  private String model;

  @Option(
      names = "--weights",
      paramLabel = "FILE|procedural",
      description = "One cell: its checkpoint; without one the network is trained from scratch.")
  private String weights;

  @Option(
      names = "--num-classes",
      paramLabel = "N",
      description = "One cell: outputs of the network.")
  private String classes;

  @Option(
      names = "--resolution",
      paramLabel = "N",
      description = "One cell: height and width of the input.")
  private String resolution;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description = "One cell: fashion, cifar10:FOLDER or fashion-mnist:FOLDER.")
  private String data;

  @Option(names = "--method", paramLabel = "NAME", description = "One cell: the criterion.")
  private String method;

  @Option(
      names = "--ratio",
      paramLabel = "R",
      description = "One cell: the share to remove, in [0, 1).")
  private String ratio;

  @Option(
      names = "--subset",
      paramLabel = "CLASSES",
      description = "One cell: selected classes, for instance 0,1,8,9.")
  private String subset;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "One cell: score on the first N images.")
  private String samples;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "One cell: where chance starts; 0 by default.")
  private String seed;

  @Mixin private SelectionOptions selection;

  /**
   * The sweep, checked as a whole.
   *
   * @throws BadInput with every problem
   */
  Sweep sweep() {
    Map<String, String> cell = cellOptions();
    if (file == null) {
      if (model == null) {
        throw new BadInput(
            "name a sweep file, or one cell with --model, --data, --method and --ratio");
      }
      put(cell, "results", results);
      put(cell, "store", store);
      return new SingleCell(cell, overrides).sweep();
    }
    if (!cell.isEmpty()) {
      throw new BadInput(
          "--"
              + String.join(", --", cell.keySet())
              + ": these options describe one cell and cannot go with a sweep file; use --set KEY=VALUE");
    }
    List<String> all = new ArrayList<>(overrides);
    if (results != null) {
      all.add("results=" + results);
    }
    if (store != null) {
      all.add("store=" + store);
    }
    return SweepFile.read(file, all);
  }

  private Map<String, String> cellOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    put(options, "model", model);
    put(options, "weights", weights);
    put(options, "num-classes", classes);
    put(options, "resolution", resolution);
    put(options, "data", data);
    put(options, "method", method);
    put(options, "ratio", ratio);
    put(options, "subset", subset);
    put(options, "samples", samples);
    put(options, "seed", seed);
    selection.given().forEach((name, value) -> put(options, name, value));
    return options;
  }

  private static void put(Map<String, String> options, String name, String value) {
    if (value != null) {
      options.put(name, value);
    }
  }
}
