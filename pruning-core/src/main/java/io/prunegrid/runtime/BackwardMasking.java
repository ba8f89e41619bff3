package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Convolutions whose input's gradient does without some weights. The layer is computed twice: from
 * an input that no gradient flows to, with all weights, and from the input with masked weights that
 * have no gradient; of the second only the gradient counts, for its value is taken off again.
 */
final class BackwardMasking {
  private final ModelGraph graph;
  private final Map<String, Tensor> masks;
  private final double chance;
  private final Map<String, PtNDArray> fixed = new HashMap<>();
  private final Map<String, SplitMix64> streams = new HashMap<>();
  private final long seed;

  /**
   * Holds masks ready.
   *
   * @param seed of what is left to chance
   */
  BackwardMasking(PtNDManager manager, ModelGraph graph, BackwardMasks masks, long seed) {
    this.graph = graph;
    this.masks = masks.masks();
    this.chance = masks.chance();
    this.seed = seed;
    if (chance >= 1) {
      this.masks.forEach((name, mask) -> fixed.put(name, Kernels.upload(manager, mask)));
    }
  }

  /** A convolution's output. */
  PtNDArray convolution(Node node, Op.Conv2d op, PtNDArray x, Map<String, PtNDArray> parameters) {
    String name = node.parameterName("weight");
    PtNDArray weight = parameters.get(name);
    PtNDArray bias = parameters.get(node.parameterName("bias"));
    boolean readsImages = graph.node(node.inputs().get(0)).op() instanceof Op.Input;
    if (!masks.containsKey(name) || readsImages) {
      return Kernels.convolution(x, weight, bias, op);
    }
    PtNDArray mask = fixed.containsKey(name) ? fixed.get(name) : drawn(name, x);
    try (PtNDArray still = JniUtils.detachGradient(x);
        PtNDArray value = Kernels.convolution(still, weight, bias, op);
        PtNDArray held = JniUtils.detachGradient(weight);
        PtNDArray masked = JniUtils.mul(held, mask);
        PtNDArray way = Kernels.convolution(x, masked, null, op);
        PtNDArray same = JniUtils.detachGradient(way);
        PtNDArray zero = JniUtils.sub(way, same)) {
      return JniUtils.add(value, zero);
    } finally {
      if (!fixed.containsKey(name)) {
        mask.close();
      }
    }
  }

  private PtNDArray drawn(String name, PtNDArray x) {
    SplitMix64 random =
        streams.computeIfAbsent(name, n -> SplitMix64.stream(seed, "backward/" + n));
    float[] values = masks.get(name).toArray();
    for (int i = 0; i < values.length; i++) {
      if (values[i] == 0 && random.nextDouble() >= chance) {
        values[i] = 1;
      }
    }
    return Kernels.upload(x.getManager(), values, masks.get(name).shape().toLongs());
  }
}
