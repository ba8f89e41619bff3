package io.prunegrid.channel;

import io.prunegrid.graph.Convolution;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Says where channels lie that cannot be followed, and which node has put them there. */
final class Placement {
  private final ModelGraph graph;
  private final Map<String, Layout> tensors;

  /**
   * @param tensors the channels of the nodes that have been followed so far
   */
  Placement(ModelGraph graph, Map<String, Layout> tensors) {
    this.graph = graph;
    this.tensors = tensors;
  }

  static String describe(Node node) {
    return "node '" + node.name() + "' (" + node.op().getClass().getSimpleName() + ")";
  }

  /** Why a node that reads channels along one axis does not find them there. */
  String elsewhere(Node node, Layout x, int axis) {
    String reads = "it reads channels along axis " + axis + " behind the batch, but ";
    Node origin = origin(node, x);
    return origin.op() instanceof Op.Input
        ? reads
            + "the channels of the network's input '"
            + origin.name()
            + "' lie along axis "
            + x.axis()
            + "; inputs that have them elsewhere, such as tokens, are not supported"
        : reads + describe(origin) + " has put them along axis " + x.axis();
  }

  /** Where the channels of each input lie, for a node that needs them along the same axis. */
  String apart(Node node) {
    List<String> places = new ArrayList<>();
    for (String input : node.inputs()) {
      Layout x = tensors.get(input);
      if (x != null && !x.isMixed()) {
        places.add(describe(origin(node, x)) + " along axis " + x.axis());
      }
    }
    return "the channels of its inputs lie along different axes behind the batch: "
        + String.join(", ", places);
  }

  /** Where the channels lie that a node reads. */
  String of(Node node, Layout x) {
    return describe(origin(node, x)) + " has put them along axis " + x.axis() + " behind the batch";
  }

  /** The node that made channels along this axis, or moved them there. */
  private Node origin(Node reader, Layout x) {
    Node node = before(reader, x.axis(), x);
    Node next = node;
    while (next != null) {
      node = next;
      boolean makes =
          node.op() instanceof Op.Linear
              || (node.op() instanceof Convolution conv && !conv.isDepthwise());
      next = makes ? null : before(node, x.axis(), null);
    }
    return node == null ? reader : node;
  }

  /** The first of a node's inputs with channels along this axis; null where none has. */
  private Node before(Node node, int axis, Layout exactly) {
    for (String input : node.inputs()) {
      Layout x = tensors.get(input);
      if (x != null && x.axis() == axis && (exactly == null || x == exactly)) {
        return graph.node(input);
      }
    }
    return null;
  }
}
