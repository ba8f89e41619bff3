package io.prunegrid.runtime;

/**
 * A place in a network and what a pass over images reads off there.
 *
 * @param node name of a node of the graph; for relevance, of the graph with batch norm folded
 * @param axis the dimension of the node's output that counts channels, the batch left out; all
 *     others are positions
 * @param reading what is computed for each image and channel of the node's output
 */
public record Tap(String node, int axis, Reading reading) {
  /** A tap of a node whose channels come first, as in feature maps. */
  public Tap(String node, Reading reading) {
    this(node, 0, reading);
  }
}
