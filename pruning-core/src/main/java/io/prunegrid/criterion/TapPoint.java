package io.prunegrid.criterion;

import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import java.util.List;
import java.util.Locale;

/**
 * Where a layer's output channels are looked at. What follows is looked for while each output has
 * one reader: batch norm, then a nonlinearity, any function of each element; behind a sum or a
 * concatenation it is no longer the layer's own.
 */
enum TapPoint {
  /** The layer's own output. */
  LAYER,
  /** The batch norm that follows; where none does the nonlinearity; else the layer's own output. */
  NORM,
  /** The nonlinearity that follows; where none does the batch norm; else the layer's own output. */
  NONLINEARITY;

  static final String NAME = "tap";

  static Parameter parameter(TapPoint standard) {
    return new Choice(
        NAME,
        standard.toString(),
        List.of("layer", "norm", "nonlinearity"),
        "what is looked at: the layer's own output, the batch norm that follows (the nonlinearity"
            + " where none does), or the nonlinearity that follows (the batch norm where none"
            + " does)");
  }

  static TapPoint of(ScoringInput input) {
    return valueOf(input.parameter(NAME).toUpperCase(Locale.ROOT));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The node whose output stands for the layer's. */
  String after(ModelGraph graph, Node layer) {
    if (this == LAYER) {
      return layer.name();
    }
    Node last = layer;
    Node next = follower(graph, layer);
    if (next != null && next.op() instanceof Op.BatchNorm2d) {
      if (this == NORM) {
        return next.name();
      }
      last = next;
      next = follower(graph, next);
    }
    return next != null && isNonlinearity(next.op()) ? next.name() : last.name();
  }

  /** A function of each element, with one input: what networks put behind their layers. */
  private static boolean isNonlinearity(Op op) {
    return op instanceof Op.Relu
        || op instanceof ElementOp.Activation
        || op instanceof ElementOp.PRelu
        || op instanceof ElementOp.Clip;
  }

  private static Node follower(ModelGraph graph, Node node) {
    List<Node> readers = graph.consumers(node.name());
    return readers.size() == 1 && !graph.outputs().contains(node.name()) ? readers.get(0) : null;
  }
}
