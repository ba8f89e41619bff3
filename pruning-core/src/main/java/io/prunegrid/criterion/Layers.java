package io.prunegrid.criterion;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Filters;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import java.util.List;

/** What criteria have in common about layers. */
final class Layers {
  private Layers() {}

  /**
   * Convolutions, depthwise and transposed ones too, and linear layers, one node for each module.
   */
  static List<Node> producers(ModelGraph graph) {
    return graph.layers().stream().filter(node -> isProducer(node.op())).toList();
  }

  /** A copy of a tensor's values. */
  static double[] doubles(Tensor tensor) {
    double[] values = new double[tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.at(i);
    }
    return values;
  }

  static boolean isProducer(Op op) {
    return Filters.has(op);
  }

  /** The score itself, where it is a number that can be ranked. */
  static double requireFinite(double score, String criterion, String place) {
    if (!Double.isFinite(score)) {
      throw new BadInput(
          "method "
              + criterion
              + ": the score of "
              + place
              + " is "
              + score
              + ", so the network's weights or the values it computes are not all finite");
    }
    return score;
  }
}
