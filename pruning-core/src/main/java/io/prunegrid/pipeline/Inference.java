package io.prunegrid.pipeline;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.WorkingFolder;
import io.prunegrid.data.Samples;
import io.prunegrid.format.Npz;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.ForwardPass;
import io.prunegrid.runtime.InferenceSession;
import io.prunegrid.zoo.Procedural;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs a network forward on inputs from files, generators or data sets. */
public final class Inference {
  /** Name of the array that is read from an npz file. */
  public static final String ARRAY = "x";

  private static final Pattern PROCEDURAL = Pattern.compile("procedural:(\\d{1,9})");
  private static final int BATCH = 32;

  /** Networks with several outputs are large, and are not merged. */
  private static final int SEVERAL_BATCH = 4;

  private Inference() {}

  /** Inputs of one shape, copied as they are needed. */
  public interface Inputs {
    /** Number of inputs. */
    int size();

    /** Shape of one input, {@code (channel, height, width)}. */
    Shape shape();

    /** Writes an input into an array, row-major. */
    void copy(int index, float[] to, int offset);
  }

  /**
   * What a network computed at one of its outputs.
   *
   * @param shape {@code (n, output)}
   * @param values row-major
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Outputs(Shape shape, float[] values) {
    /** How many values are infinite or no number. */
    public int nonFinite() {
      int count = 0;
      for (float value : values) {
        count += Float.isFinite(value) ? 0 : 1;
      }
      return count;
    }
  }

  /** Images of a data set. */
  public static Inputs images(Samples samples) {
    return new Inputs() {
      @Override
      public int size() {
        return samples.size();
      }

      @Override
      public Shape shape() {
        return samples.imageShape();
      }

      @Override
      public void copy(int index, float[] to, int offset) {
        samples.copyImage(index, to, offset);
      }
    };
  }

  /**
   * Inputs that a person names: {@code procedural:K}, the K-th generated tensor, or an npz file
   * with an array {@code x} of shape {@code (n, channel, height, width)}.
   *
   * @param input what the network reads
   * @param samples only the first so many; 0 for all of a file, for one that is generated
   * @throws BadInput where the file cannot be used
   */
  public static Inputs named(String text, Shape input, int samples) {
    Matcher procedural = PROCEDURAL.matcher(text);
    if (procedural.matches()) {
      int n = Math.max(1, samples);
      return tensor(
          Procedural.input(Integer.parseInt(procedural.group(1)), batch(n, input)), n, input);
    }
    if (text.startsWith("procedural")) {
      throw new BadInput("input '" + text + "'; allowed: procedural:K with a whole number K");
    }
    Map<String, Tensor> arrays = Npz.read(path(text));
    Tensor array = arrays.get(ARRAY);
    if (array == null) {
      throw new BadInput(
          text + " has no array '" + ARRAY + "'; it has " + String.join(", ", arrays.keySet()));
    }
    Shape shape = array.shape();
    if (shape.rank() != input.rank() + 1 || !shape.equals(batch(shape.dim(0), input))) {
      throw new BadInput(
          text
              + ": array '"
              + ARRAY
              + "' has the shape "
              + shape
              + "; the network reads (n, then "
              + input
              + ")");
    }
    if (shape.dim(0) == 0) {
      throw new BadInput(text + ": array '" + ARRAY + "' is empty");
    }
    return tensor(array, samples > 0 ? Math.min(samples, shape.dim(0)) : shape.dim(0), input);
  }

  private static Path path(String text) {
    try {
      return WorkingFolder.path(text);
    } catch (InvalidPathException e) {
      throw new BadInput("input '" + text + "' is not a path", e);
    }
  }

  private static Shape batch(int n, Shape input) {
    List<Integer> dims = new ArrayList<>(List.of(n));
    dims.addAll(input.dims());
    return new Shape(dims);
  }

  private static Inputs tensor(Tensor tensor, int n, Shape input) {
    int length = Math.toIntExact(input.size());
    return new Inputs() {
      @Override
      public int size() {
        return n;
      }

      @Override
      public Shape shape() {
        return input;
      }

      @Override
      public void copy(int index, float[] to, int offset) {
        tensor.asBuffer().position(index * length).get(to, offset, length);
      }
    };
  }

  /**
   * Computes every input's outputs.
   *
   * @return by output name, in the network's order
   * @throws IllegalArgumentException where the inputs are not of the network's shape
   */
  public static Map<String, Outputs> run(Engine engine, Model model, Inputs inputs) {
    ModelGraph graph = model.graph();
    if (!inputs.shape().equals(graph.input())) {
      throw new IllegalArgumentException(
          "inputs are " + inputs.shape() + ", the network reads " + graph.input());
    }
    if (graph.outputs().size() > 1) {
      try (ForwardPass pass = engine.forwardPass(model)) {
        return run(graph, inputs, SEVERAL_BATCH, pass::outputs);
      }
    }
    try (InferenceSession session = engine.inference(model)) {
      String output = graph.output();
      return run(graph, inputs, BATCH, (images, n) -> Map.of(output, session.logits(images, n)));
    }
  }

  private interface Pass {
    Map<String, float[]> outputs(float[] images, int n);
  }

  private static Map<String, Outputs> run(ModelGraph graph, Inputs inputs, int batch, Pass pass) {
    int length = Math.toIntExact(inputs.shape().size());
    float[] images = new float[Math.min(batch, inputs.size()) * length];
    Map<String, Outputs> all = new LinkedHashMap<>();
    for (String name : graph.outputs()) {
      Shape shape = graph.shape(name);
      int width = Math.toIntExact(shape.size());
      float[] values = new float[Math.multiplyExact(inputs.size(), width)];
      all.put(name, new Outputs(batch(inputs.size(), shape), values));
    }
    for (int first = 0; first < inputs.size(); first += batch) {
      int n = Math.min(batch, inputs.size() - first);
      for (int i = 0; i < n; i++) {
        inputs.copy(first + i, images, i * length);
      }
      int from = first;
      pass.outputs(images, n)
          .forEach(
              (name, values) -> {
                int width = values.length / n;
                System.arraycopy(values, 0, all.get(name).values(), from * width, values.length);
              });
    }
    return all;
  }
}
