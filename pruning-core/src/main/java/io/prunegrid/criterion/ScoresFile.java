package io.prunegrid.criterion;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Sha256;
import io.prunegrid.common.WorkingFolder;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.format.Safetensors;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Scores of layers as safetensors: a vector under each layer's name, and in the metadata under
 * {@code base} the content hash of the weights that were scored.
 *
 * @param name what the user calls the file
 * @param base SHA-256 in hexadecimal, as {@link Weights#contentHash} has it; empty where the file
 *     does not say
 * @param layers one number for each output channel
 */
public record ScoresFile(String name, Optional<String> base, Map<String, Tensor> layers) {
  private static final String BASE = "base";
  private static final String ABSENT = "absent ";

  /** SHA-256 of the file's bytes; of a file that cannot be read, something no file has. */
  static String identity(String name) {
    try {
      return name.equals(Parameter.File.NONE)
          ? name
          : Sha256.of(Files.readAllBytes(WorkingFolder.path(name)));
    } catch (IOException | InvalidPathException e) {
      return ABSENT + name;
    }
  }

  /**
   * Reads a file, whatever its numbers are.
   *
   * @throws BadInput where it is absent or of another format
   */
  static ScoresFile read(String name) {
    if (name.equals(Parameter.File.NONE)) {
      throw new BadInput("method external needs scores = FILE, a safetensors file");
    }
    Safetensors.Contents contents;
    try {
      contents = Safetensors.contents(Files.readAllBytes(WorkingFolder.path(name)), name);
    } catch (IOException | InvalidPathException e) {
      throw new BadInput(
          "scores " + name + " cannot be read: no such file, or it is closed to us", e);
    }
    return new ScoresFile(
        name, Optional.ofNullable(contents.metadata().get(BASE)), contents.tensors());
  }

  /** What makes the file no scores of any network: no base, and what is no finite number. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (base.isEmpty()) {
      problems.add(
          name
              + " does not say in its metadata which base it is for; wanted: '"
              + BASE
              + "', the SHA-256 that score shows");
    }
    layers.forEach(
        (layer, scores) -> {
          int[] wrong =
              IntStream.range(0, scores.size())
                  .filter(i -> !Float.isFinite(scores.at(i)))
                  .toArray();
          if (wrong.length > 0) {
            problems.add(
                name
                    + ": channel "
                    + wrong[0]
                    + " of '"
                    + layer
                    + "' scores "
                    + scores.at(wrong[0])
                    + (wrong.length > 1
                        ? ", and " + (wrong.length - 1) + " more of its scores are not finite"
                        : "")
                    + ", allowed: finite numbers");
          }
        });
    return problems;
  }

  /**
   * Writes scores as they are read.
   *
   * @param base content hash of the weights that were scored
   * @throws BadInput where the file cannot be written
   */
  public static void write(Path file, LayerScores scores, String base) {
    Map<String, Tensor> vectors = new LinkedHashMap<>();
    for (String layer : scores.layers()) {
      double[] values = scores.values(layer);
      float[] vector = new float[values.length];
      for (int i = 0; i < vector.length; i++) {
        vector[i] = (float) values[i];
      }
      vectors.put(layer, Tensor.wrap(Shape.of(vector.length), vector));
    }
    Safetensors.write(file, new Weights(vectors), Map.of("format", "pt", BASE, base));
  }
}
