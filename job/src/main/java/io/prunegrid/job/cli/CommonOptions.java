package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.data.Part;
import io.prunegrid.job.sweep.GridMethod;
import io.prunegrid.job.sweep.SingleCell;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Options of every command that looks at one model. */
final class CommonOptions {
  /** Keys of {@code --set} that are no parameters of a method. */
  private static final List<String> NOT_OF_A_METHOD =
      List.of(
          "scope",
          "rounding",
          "on-empty",
          "min-channels",
          "round-to",
          "ignore",
          "protect",
          "ties",
          "apply",
          "samples-per-class",
          "head");

  @Option(
      names = "--model",
      paramLabel = "NAME",
      required = true,
      completionCandidates = Known.Networks.class,
      description = "A model folder, an ONNX file, or one of ${COMPLETION-CANDIDATES}.")
  private String model;

  @Option(
      names = "--weights",
      paramLabel = "FILE|procedural",
      description =
          "A torch checkpoint or safetensors file; procedural: weights generated from the"
              + " parameters' names, for tests. Model folders and ONNX files bring their own.")
  private String weights;

  @Option(
      names = "--num-classes",
      paramLabel = "N",
      description = "Outputs of the network; the published number by default.")
  private String numClasses;

  @Option(
      names = "--resolution",
      paramLabel = "N",
      description = "Height and width of the input; the images' own with --data, else published.")
  private String resolution;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description =
          "Images: fashion (ships with the program), cifar10:FOLDER or fashion-mnist:FOLDER; a"
              + " model folder's own by default.")
  private String data;

  @Option(
      names = "--split",
      paramLabel = "train|test",
      description =
          "Which part of the data; by default test for evaluate and infer, train for score and"
              + " prune.")
  private String split;

  @Option(
      names = "--subset",
      paramLabel = "CLASSES",
      description = "Selected classes by index or name, for instance 0,1,8,9.")
  private String subset;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Only the first N images in file order; 0, the default, for all of them.")
  private String samples;

  @Option(names = "--seed", paramLabel = "N", description = "Where chance starts; 0 by default.")
  private String seed;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      completionCandidates = Known.Methods.class,
      description = "What scores: one of ${COMPLETION-CANDIDATES}.")
  private String method;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "A parameter of the method, or a key of selection that has no option: --set p=2, --set"
              + " ties=all, --set head=subset. May be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "Where the network runs: cpu (default), gpu or gpu:N.")
  private String device = "cpu";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute; 1 by default.")
  private int threads = 1;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Write the answer as JSON, too; - prints it in place of the text (docs/commands.md).")
  private String json;

  /**
   * What was chosen about model and method.
   *
   * @param more options of one command, by name without dashes; null where not given
   * @throws BadInput with every problem
   */
  SingleCell.Choices choices(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("model", model);
    all.put("weights", weights);
    all.put("num-classes", numClasses);
    all.put("resolution", resolution);
    all.put("samples", samples);
    all.put("seed", seed);
    all.put("method", method);
    all.putAll(more);
    all.values().removeIf(value -> value == null);
    return new SingleCell(all, overrides).choices();
  }

  /**
   * Refuses what this command would ignore.
   *
   * @param command its name
   * @param options those that it has no use for, of {@code --method}, {@code --split}, {@code
   *     --subset} and {@code --samples}
   * @param sets keys of {@code --set} that it uses, besides parameters of the method
   * @throws BadInput naming each that was given
   */
  void refuseUnused(String command, List<String> options, List<String> sets) {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("--method", method);
    given.put("--split", split);
    given.put("--subset", subset);
    given.put("--samples", samples);
    List<String> problems = new ArrayList<>();
    given.forEach(
        (option, value) -> {
          if (value != null && options.contains(option)) {
            problems.add(option + " has no meaning for " + command);
          }
        });
    for (String override : overrides) {
      String key = override.split("=", 2)[0].strip().replaceFirst("^sweep\\.", "");
      if (NOT_OF_A_METHOD.contains(key) && !sets.contains(key)) {
        problems.add(
            "--set "
                + key
                + " has no meaning for "
                + command
                + (key.equals("head") ? "; the method's own is method.head" : ""));
      }
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }

  /** Options that were given of those that say what scores and how, with their dashes. */
  List<String> scoring() {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("--method", method);
    given.put("--samples", samples);
    given.put("--split", split);
    given.put("--seed", seed);
    given.values().removeIf(value -> value == null);
    return List.copyOf(given.keySet());
  }

  /** The method, which this command cannot do without. */
  GridMethod method(SingleCell.Choices choices, CommandLine command) {
    return choices
        .method()
        .orElseThrow(
            () -> new ParameterException(command, "Missing required option: '--method=NAME'"));
  }

  Optional<String> data() {
    return Optional.ofNullable(data);
  }

  Optional<String> subset() {
    return Optional.ofNullable(subset);
  }

  /** The part of the data that was asked for. */
  Part part(Part standard) {
    if (split == null) {
      return standard;
    }
    return switch (split) {
      case "train" -> Part.TRAIN;
      case "test" -> Part.TEST;
      default -> throw new BadInput("--split is '" + split + "'; allowed: train, test");
    };
  }

  /** Opens the engine on the device that was asked for. */
  Engine engine() {
    if (threads < 1) {
      throw new BadInput("--threads is " + threads + "; allowed: a whole number of at least 1");
    }
    System.setProperty(Engine.THREADS_PROPERTY, String.valueOf(threads));
    return Engine.open(ComputeDevice.parse(device));
  }

  /** Where the answer goes; checked before anything is computed. */
  Answer answer() {
    return Answer.to(Optional.ofNullable(json));
  }
}
