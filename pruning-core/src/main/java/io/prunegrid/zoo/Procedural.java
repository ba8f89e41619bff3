package io.prunegrid.zoo;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Weights and inputs that are a function of their names alone, exact to the bit: two programs can
 * build the same large network without a weight file between them. A tensor's stream is splitmix64
 * seeded with the FNV-1a hash of its name; every value takes at most one rounding.
 */
public final class Procedural {
  private Procedural() {}

  /** Every tensor of a network, buffers too; batch statistics are those of no data. */
  public static Weights weights(ModelGraph graph) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    graph.parameters().forEach((name, spec) -> tensors.put(name, tensor(name, spec)));
    return new Weights(tensors);
  }

  /**
   * The k-th input, uniform in [-1, 1). A smaller shape is a prefix of a larger one.
   *
   * @param k number of the input, from 0
   * @param batchShape {@code (n, channel, height, width)}
   */
  public static Tensor input(int k, Shape batchShape) {
    return Tensor.wrap(batchShape, signed("input/" + k, batchShape, 1f));
  }

  private static Tensor tensor(String name, ParameterSpec spec) {
    Shape shape = spec.shape();
    float[] values =
        switch (spec.role()) {
          case WEIGHT -> signed(name, shape, (float) Math.sqrt(3.0 / Fan.in(shape)));
          case BIAS, EMBEDDING -> signed(name, shape, 0.1f);
          case NORM_BIAS, RUNNING_MEAN -> signed(name, shape, 0.2f);
          case NORM_WEIGHT, RUNNING_VARIANCE, LAYER_SCALE -> positive(name, shape);
        };
    return Tensor.wrap(shape, values);
  }

  private static float[] signed(String name, Shape shape, float scale) {
    SplitMix64 stream = new SplitMix64(SplitMix64.fnv1a64(name));
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (2f * stream.nextFloat() - 1f) * scale;
    }
    return values;
  }

  private static float[] positive(String name, Shape shape) {
    SplitMix64 stream = new SplitMix64(SplitMix64.fnv1a64(name));
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.5f + stream.nextFloat();
    }
    return values;
  }
}
