package io.prunegrid.zoo;

import io.prunegrid.graph.ModelGraph;

/** How to build one network for any number of classes, input channels and resolution. */
interface Recipe {
  /**
   * Builds the network.
   *
   * @throws IllegalArgumentException naming the node that does not fit
   */
  ModelGraph build(NetworkSize size);
}
