package io.prunegrid.job.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** One cell, said without a sweep file. */
final class CellOptions {
  @Option(
      names = "--model",
      paramLabel = "NAME",
      completionCandidates = Known.Networks.class,
      description = "A model folder, an ONNX file, or one of ${COMPLETION-CANDIDATES}.")
  private String model;

  @Option(
      names = "--weights",
      paramLabel = "FILE|procedural",
      description =
          "A torch checkpoint or safetensors file. Without one, a network of the zoo is trained"
              + " from scratch; say how with --set train.epochs=10 and the like.")
  private String weights;

  @Option(
      names = "--num-classes",
      paramLabel = "N",
      description = "Outputs of the network; published with weights, else the data's.")
  private String classes;

  @Option(
      names = "--resolution",
      paramLabel = "N",
      description = "Height and width of the input; the images' own by default.")
  private String resolution;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description =
          "Images: fashion (ships with the program), cifar10:FOLDER or fashion-mnist:FOLDER.")
  private String data;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      completionCandidates = Known.Methods.class,
      description = "What scores: one of ${COMPLETION-CANDIDATES}.")
  private String method;

  @Option(names = "--ratio", paramLabel = "R", description = "The share to remove, in [0, 1).")
  private String ratio;

  @Option(
      names = "--subset",
      paramLabel = "CLASSES",
      description =
          "Selected classes by index or name, in order, for instance 0,1,8,9; all by default.")
  private String subset;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Score on the first N images of the subset; on all by default.")
  private String samples;

  @Option(names = "--seed", paramLabel = "N", description = "Where chance starts; 0 by default.")
  private String seed;

  /** By name without dashes; null where not given. */
  Map<String, String> given() {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("model", model);
    given.put("weights", weights);
    given.put("num-classes", classes);
    given.put("resolution", resolution);
    given.put("data", data);
    given.put("method", method);
    given.put("ratio", ratio);
    given.put("subset", subset);
    given.put("samples", samples);
    given.put("seed", seed);
    return given;
  }
}
