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

/**
 * Scores of layers as safetensors: a vector under each layer's name, and in the metadata under
 * {@code base} the content hash of the weights that were scored.
 *
 * @param name what the user calls the file
 * @param base SHA-256 in hexadecimal, as {@link Weights#contentHash} has it
 * @param layers one number for each output channel
 */
public record ScoresFile(String name, String base, Map<String, Tensor> layers) {
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
   * Reads a file.
   *
   * @throws BadInput with every problem: it is absent or of another format, does not name its base,
   *     or holds something else than finite numbers
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
    List<String> problems = new ArrayList<>();
    String base = contents.metadata().get(BASE);
    if (base == null) {
      problems.add(
          name
              + " does not say in its metadata which base it is for; wanted: '"
              + BASE
              + "', the SHA-256 that score shows");
    }
    contents
        .tensors()
        .forEach(
            (layer, scores) -> {
              for (int i = 0; i < scores.size(); i++) {
                if (!Float.isFinite(scores.at(i))) {
                  problems.add(
                      name
                          + ": channel "
                          + i
                          + " of '"
                          + layer
                          + "' scores "
                          + scores.at(i)
                          + ", allowed: finite numbers");
                  break;
                }
              }
            });
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    return new ScoresFile(name, base, contents.tensors());
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
