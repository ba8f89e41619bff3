package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.Value.Activation;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Normalizations that the file has as one node. */
final class NormOperators {
  private NormOperators() {}

  static void register(Map<String, Operators.Handler> handlers) {
    handlers.put("BatchNormalization", NormOperators::batchNorm);
    handlers.put("LayerNormalization", NormOperators::layerNorm);
    handlers.put("InstanceNormalization", NormOperators::instanceNorm);
  }

  private static void batchNorm(Step step) throws IOException {
    OnnxNode node = step.node();
    if (node.integer("training_mode", 0) != 0) {
      throw new Unsupported("it is in training mode; export the network in evaluation mode");
    }
    Activation x = step.map(0);
    int channels = x.shape().channels();
    Map<String, GraphParts.Source> tensors = new LinkedHashMap<>();
    String[] suffixes = {"weight", "bias", "running_mean", "running_var"};
    for (int i = 0; i < suffixes.length; i++) {
      tensors.put(suffixes[i], step.floats(i + 1, channels)::floats);
    }
    double eps = decimal(node.number("epsilon", 1e-5));
    // Torch counts the weight of the newest batch, ONNX that of the past.
    double momentum = Math.rint((1 - node.number("momentum", 0.9)) * 1e6) / 1e6;
    if (!(eps >= 0) || !(momentum >= 0 && momentum <= 1)) {
      throw new Unsupported("its epsilon or momentum is out of range");
    }
    step.give(
        step.layer(
            new Op.BatchNorm2d(channels, eps, momentum), x, 1, new int[] {1, 2, 3, 4}, tensors));
  }

  private static void layerNorm(Step step) throws IOException {
    OnnxNode node = step.node();
    Activation x = step.activation(0);
    int first = x.axis(node.integer("axis", -1));
    Shape normalized = trailing(x, first);
    Constant scale = step.floats(1, ints(normalized));
    Map<String, GraphParts.Source> tensors = new LinkedHashMap<>();
    tensors.put("weight", scale::floats);
    if (step.has(2)) {
      tensors.put("bias", step.floats(2, ints(normalized))::floats);
    } else {
      tensors.put("bias", () -> new float[scale.size()]);
    }
    double eps = decimal(node.number("epsilon", 1e-5));
    step.give(
        step.layer(new NormOp.LayerNorm(normalized, eps, true), x, 1, new int[] {1, 2}, tensors));
  }

  /** Each channel by itself: as many groups as channels. */
  private static void instanceNorm(Step step) throws IOException {
    Activation x = step.map(0);
    int channels = x.shape().channels();
    Map<String, GraphParts.Source> tensors = new LinkedHashMap<>();
    tensors.put("weight", step.floats(1, channels)::floats);
    tensors.put("bias", step.floats(2, channels)::floats);
    double eps = decimal(step.node().number("epsilon", 1e-5));
    step.give(
        step.layer(new NormOp.GroupNorm(channels, channels, eps), x, 1, new int[] {1, 2}, tensors));
  }

  /** The sizes of one sample's axes from this one on, none of them the batch. */
  static Shape trailing(Activation x, int first) {
    if (x.at() - x.left() > first) {
      throw new Unsupported("it works along the batch");
    }
    return new Shape(x.shape().dims().subList(first, x.shape().rank()));
  }

  static int[] ints(Shape shape) {
    return shape.dims().stream().mapToInt(Integer::intValue).toArray();
  }

  /** The decimal number that a person wrote and the file keeps in 32 bits. */
  static double decimal(double stored) {
    return Double.parseDouble(Float.toString((float) stored));
  }

  /** Weights that leave what is normalized as it is. */
  static Map<String, GraphParts.Source> neutral(int channels) {
    float[] ones = new float[channels];
    Arrays.fill(ones, 1);
    return Map.of("weight", () -> ones, "bias", () -> new float[channels]);
  }

  /** Two vectors under the names that normalizations give them. */
  static Map<String, GraphParts.Source> affine(Constant weight, Constant bias) {
    return Map.of("weight", weight::floats, "bias", bias::floats);
  }

  static List<String> names(String... names) {
    return List.of(names);
  }
}
