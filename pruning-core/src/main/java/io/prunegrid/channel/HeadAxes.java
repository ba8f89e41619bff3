package io.prunegrid.channel;

import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.TokenOp;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The heads of attention that is written out as products of activations: products run side by side
 * along leading axes of their operands. Followed back from the products, such an axis begins at the
 * reshape that splits it off others.
 */
final class HeadAxes {
  private final ModelGraph graph;
  private final Map<String, Set<Integer>> begins = new HashMap<>();
  private final Set<Place> seen = new HashSet<>();

  private record Place(String node, int axis) {}

  private HeadAxes(ModelGraph graph) {
    this.graph = graph;
  }

  /** By name of a reshape, axes of its output along which later products run side by side. */
  static Map<String, Set<Integer>> of(ModelGraph graph) {
    HeadAxes axes = new HeadAxes(graph);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof TokenOp.MatMul) {
        for (int axis = 0; axis < graph.shape(node.name()).rank() - 2; axis++) {
          axes.follow(node, 0, axis);
          axes.follow(node, 1, axis);
        }
      }
    }
    return axes.begins;
  }

  /** Follows an axis of what a node reads back to where it begins. */
  private void follow(Node reader, int input, int axis) {
    Node node = graph.node(reader.inputs().get(input));
    if (!seen.add(new Place(node.name(), axis))) {
      return;
    }
    Op op = node.op();
    if (op instanceof ShapeOp.Reshape) {
      int before = unchanged(graph.shape(node.name()), axis, graph.inputShape(node, 0));
      if (before == Layout.NOWHERE) {
        begins.computeIfAbsent(node.name(), name -> new TreeSet<>()).add(axis);
      } else {
        follow(node, 0, before);
      }
    } else if (op instanceof ShapeOp.Transpose transpose) {
      follow(node, 0, transpose.order().get(axis));
    } else if (op instanceof Op.Add
        || op instanceof Op.Concat
        || op instanceof ElementOp.Arithmetic) {
      for (int i = 0; i < node.inputs().size(); i++) {
        int own = axis - graph.shape(node.name()).rank() + graph.inputShape(node, i).rank();
        if (own >= 0) {
          follow(node, i, own);
        }
      }
    } else if (op instanceof ElementOp
        || op instanceof ShapeOp.Slice
        || op instanceof NormOp.LayerNorm
        || op instanceof Op.Relu
        || op instanceof Op.Dropout) {
      follow(node, 0, axis);
    }
  }

  /** The axis before that is as long and strides as far; nowhere if there is none. */
  private static int unchanged(Shape to, int axis, Shape from) {
    for (int before = 0; before < from.rank(); before++) {
      if (from.dim(before) == to.dim(axis) && inner(from, before) == inner(to, axis)) {
        return before;
      }
    }
    return Layout.NOWHERE;
  }

  private static long inner(Shape shape, int axis) {
    long inner = 1;
    for (int i = axis + 1; i < shape.rank(); i++) {
      inner *= shape.dim(i);
    }
    return inner;
  }
}
