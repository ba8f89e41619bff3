package io.prunegrid.zoo;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Fresh weights from torch's default distributions: {@code kaiming_uniform} with {@code a =
 * sqrt(5)} for convolutions and linear layers (He, Zhang, Ren and Sun, ICCV 2015), which is uniform
 * within 1 / sqrt(fan in), the same bound for their biases; ones and zeros for normalizations.
 */
public final class Initialization {
  /** What torchvision draws class tokens and position embeddings with. */
  private static final double EMBEDDING_DEVIATION = 0.02;

  /** ConvNeXt's first layer scale. */
  private static final float LAYER_SCALE = 1e-6f;

  private Initialization() {}

  /**
   * Weights and buffers for a network. Every tensor draws from a stream of its own, named after it,
   * so that one layer's values never depend on what other layers there are.
   */
  public static Weights weights(ModelGraph graph, long seed) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      long fan = 1;
      for (ParameterSpec spec : node.op().parameters()) {
        if (spec.role() == ParameterSpec.Role.WEIGHT) {
          fan = Fan.in(spec.shape());
        }
        String name = node.parameterName(spec);
        if (!tensors.containsKey(name)) {
          tensors.put(name, tensor(name, spec, fan, seed));
        }
      }
    }
    return new Weights(tensors);
  }

  private static Tensor tensor(String name, ParameterSpec spec, long fan, long seed) {
    return switch (spec.role()) {
      case WEIGHT, BIAS -> uniform(name, spec.shape(), 1 / Math.sqrt((double) fan), seed);
      case NORM_WEIGHT, RUNNING_VARIANCE -> filled(spec.shape(), 1f);
      case NORM_BIAS, RUNNING_MEAN -> Tensor.zeros(spec.shape());
      case EMBEDDING -> normal(name, spec.shape(), EMBEDDING_DEVIATION, seed);
      case LAYER_SCALE -> filled(spec.shape(), LAYER_SCALE);
    };
  }

  private static Tensor uniform(String name, Shape shape, double bound, long seed) {
    SplitMix64 stream = SplitMix64.stream(seed, "initialization/" + name);
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((2 * stream.nextDouble() - 1) * bound);
    }
    return Tensor.wrap(shape, values);
  }

  /** Normal by the method of Box and Muller. */
  private static Tensor normal(String name, Shape shape, double deviation, long seed) {
    SplitMix64 stream = SplitMix64.stream(seed, "initialization/" + name);
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      double radius = Math.sqrt(-2 * Math.log(1 - stream.nextDouble()));
      values[i] = (float) (deviation * radius * Math.cos(2 * Math.PI * stream.nextDouble()));
    }
    return Tensor.wrap(shape, values);
  }

  private static Tensor filled(Shape shape, float value) {
    float[] values = new float[Math.toIntExact(shape.size())];
    Arrays.fill(values, value);
    return Tensor.wrap(shape, values);
  }
}
