package io.prunegrid.runtime;

import io.prunegrid.graph.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Weights of convolutions that training leaves out of one thing alone: the gradient of the layer's
 * input. The forward pass and the gradient of the weight itself have them all.
 *
 * @param masks by parameter name, zeros where a weight is left out and ones elsewhere
 * @param chance probability with which such a weight is left out of a step, drawn anew for each, in
 *     [0, 1]
 */
public record BackwardMasks(Map<String, Tensor> masks, double chance) {
  /** Nothing is left out. */
  public static final BackwardMasks NONE = new BackwardMasks(Map.of(), 1);

  public BackwardMasks {
    masks = Collections.unmodifiableMap(new LinkedHashMap<>(masks));
  }

  public boolean isEmpty() {
    return masks.isEmpty();
  }
}
