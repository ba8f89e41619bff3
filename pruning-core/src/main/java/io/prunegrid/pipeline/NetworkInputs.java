package io.prunegrid.pipeline;

import io.prunegrid.graph.ModelGraph;
import java.util.List;
import java.util.Optional;

/**
 * A network that cells start from, without its weights.
 *
 * @param graph its structure
 * @param hash identity of the structure, and of what its outputs stand for where weights are given
 * @param weights content hash of the weights; absent where the base is trained
 * @param macs multiply-accumulates of one image
 * @param headClasses the data's class of each output, in output order
 */
public record NetworkInputs(
    ModelGraph graph, String hash, Optional<String> weights, long macs, List<Integer> headClasses) {
  public NetworkInputs {
    headClasses = List.copyOf(headClasses);
  }
}
