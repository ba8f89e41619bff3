package io.prunegrid.zoo;

import io.prunegrid.graph.ModelGraph;
import java.util.List;

/**
 * How to build one network for any number of classes, input channels and resolution.
 *
 * <p>Nodes have the names of the published code's modules. Where that code calls a function and has
 * no module, the last part of the name begins with {@code F.}, as in {@code layer1.0.F.relu1}: some
 * conventions of counting see modules only.
 */
interface Recipe {
  /**
   * Builds the network.
   *
   * @throws IllegalArgumentException naming the node that does not fit
   */
  ModelGraph build(NetworkSize size);

  /**
   * How the names of parameters begin that published files hold and the evaluated network has not:
   * those of heads that only train.
   */
  default List<String> auxiliary() {
    return List.of();
  }
}
