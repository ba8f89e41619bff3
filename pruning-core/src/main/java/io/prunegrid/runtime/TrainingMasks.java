package io.prunegrid.runtime;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What training leaves alone.
 *
 * @param weights by parameter name, zeros where a weight is zero and stays zero
 * @param backward weights that only the gradients of inputs do without
 */
public record TrainingMasks(Map<String, Tensor> weights, BackwardMasks backward) {
  /** All weights are trained. */
  public static final TrainingMasks NONE = of(Map.of());

  public TrainingMasks {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }

  /** Weights that stay zero. */
  public static TrainingMasks of(Map<String, Tensor> weights) {
    return new TrainingMasks(weights, BackwardMasks.NONE);
  }

  /** Checks shapes, and that backward masks are of convolutions. */
  void check(Model model) {
    weights.forEach((name, mask) -> shape(model, name, mask));
    backward.masks().forEach((name, mask) -> shape(model, name, mask));
    Map<String, Tensor> unknown = new LinkedHashMap<>(backward.masks());
    for (Node node : model.graph().layers()) {
      if (node.op() instanceof Op.Conv2d) {
        unknown.remove(node.parameterName("weight"));
      }
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "backward masks are of weights of convolutions, found " + unknown.keySet());
    }
  }

  private static void shape(Model model, String name, Tensor mask) {
    Tensor weight = model.weights().get(name);
    if (!weight.shape().equals(mask.shape())) {
      throw new IllegalArgumentException(
          "mask of " + name + " is " + mask.shape() + " instead of " + weight.shape());
    }
  }
}
