package io.prunegrid.channel;

import io.prunegrid.graph.Convolution;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.TokenOp;
import java.util.Arrays;
import java.util.Map;

/**
 * Pushes arrays of symbolic channels through a graph once: along which axis every tensor's channels
 * lie and which one is at each position, and what every layer reads and writes. Linear in channels.
 *
 * <p>A channel of zeros ({@link Atoms#ZERO}) binds nothing: a sum with zero is the other operand's
 * channel. Where a layer with parameters of its own turns zero into a constant, that constant is a
 * channel like any other. A bare parameter has channels once it meets a tensor that has some.
 */
final class ChannelPropagation {
  private final ModelGraph graph;
  private final Bindings bindings;
  private final Atoms atoms;
  private final Map<String, Layout> tensors;
  private final Map<String, int[]> reads;
  private final Map<String, int[]> writes;
  private final AttentionRule attention;
  private final ShapeRule shapes;

  /**
   * @param unit what goes of attention at once
   */
  ChannelPropagation(ModelGraph graph, AttentionUnit unit) {
    this.graph = graph;
    this.bindings = new Bindings(graph);
    this.atoms = bindings.atoms();
    this.tensors = bindings.tensors();
    this.reads = bindings.reads();
    this.writes = bindings.writes();
    this.attention = new AttentionRule(bindings, unit);
    this.shapes = new ShapeRule(bindings, unit);
    for (Node node : graph.nodes()) {
      if (!isBare(node)) {
        tensors.put(node.name(), emit(node));
      }
    }
    for (Node node : graph.nodes()) {
      if (isBare(node) && !tensors.containsKey(node.name())) {
        tensors.put(node.name(), Layout.MIXED);
        writes.putIfAbsent(node.module(), bindings.pinned(1, "is no channel of its own"));
      }
    }
    for (String output : graph.outputs()) {
      bindings.pin(tensors.get(output).atoms(), "reaches the output '" + output + "'");
    }
  }

  /** All that was found. */
  Bindings bindings() {
    return bindings;
  }

  private Layout emit(Node node) {
    Op op = node.op();
    if (op instanceof Op.Input input) {
      return new Layout(
          0, bindings.pinned(input.shape().channels(), "is a channel of the network's input"));
    }
    if (op instanceof Op.Add || op instanceof ElementOp.Arithmetic) {
      return combined(node);
    }
    if (op instanceof Op.Concat concat) {
      return concatenated(node, concat.axis());
    }
    if (op instanceof TokenOp.MultiHeadAttention heads) {
      return attention.attended(node, heads);
    }
    if (op instanceof TokenOp.MatMul) {
      return attention.multiplied(node);
    }
    Layout x = bindings.input(node, 0);
    if (op instanceof ElementOp element) {
      return elementwise(node, element, x);
    }
    if (op instanceof ShapeOp shape) {
      return shapes.rearranged(node, shape, x);
    }
    if (op instanceof Op.Flatten) {
      return shapes.reshaped(node, x);
    }
    return op instanceof Op.Relu || op instanceof Op.Dropout ? x : layer(node, x);
  }

  private Layout layer(Node node, Layout found) {
    Op op = node.op();
    if (op instanceof Op.Linear linear) {
      int last = graph.inputShape(node, 0).rank() - 1;
      return mix(node, bindings.expect(node, found, last), linear.out(), 1);
    }
    if (op instanceof NormOp.LayerNorm norm) {
      return layerNorm(node, norm, found);
    }
    Layout x = bindings.expect(node, found, 0);
    if (op instanceof Convolution conv) {
      return conv.isDepthwise()
          ? perChannel(node, x, conv.multiplier())
          : mix(node, x, conv.out(), conv.groups());
    }
    if (op instanceof Op.BatchNorm2d) {
      return perChannel(node, x, 1);
    }
    if (op instanceof NormOp.GroupNorm norm) {
      Layout tied = x.with(x.atoms().clone());
      if (norm.groups() < norm.channels()) {
        bindings.tieGroups(tied.atoms(), norm.groups());
      }
      return perChannel(node, tied, 1);
    }
    if (op instanceof Op.MaxPool2d
        || op instanceof Op.AdaptiveAvgPool2d
        || op instanceof Op.Subsample2d
        || op instanceof SpatialOp) {
      return x;
    }
    if (op instanceof Op.PadChannels pad) {
      int[] padded = new int[pad.before() + x.atoms().length + pad.after()];
      Arrays.fill(padded, Atoms.ZERO);
      System.arraycopy(x.atoms(), 0, padded, pad.before(), x.atoms().length);
      return x.with(padded);
    }
    if (op instanceof Op.SelectChannels select) {
      return x.with(select.channels().stream().mapToInt(channel -> x.atoms()[channel]).toArray());
    }
    throw Bindings.lost(node, "no rule for the operator");
  }

  private Layout elementwise(Node node, ElementOp op, Layout x) {
    if (op instanceof ElementOp.Softmax softmax && softmax.axis() == x.axis()) {
      bindings.pin(x.atoms(), "is normalized together with others by '" + node.name() + "'");
    }
    if (op instanceof ElementOp.PRelu relu) {
      if (relu.slopes() > 1) {
        return perChannel(node, bindings.expect(node, x, 0), 1);
      }
      writes.computeIfAbsent(
          node.module(), m -> bindings.pinned(1, "is a slope that channels share"));
    }
    return x;
  }

  /** Element by element: the operands' channels unite position by position. */
  private Layout combined(Node node) {
    Shape shape = graph.shape(node.name());
    int axis = commonAxis(node, 0);
    if (axis == Layout.NOWHERE) {
      return Layout.MIXED;
    }
    int[] out = new int[shape.dim(axis)];
    Arrays.fill(out, Atoms.ZERO);
    for (int i = 0; i < node.inputs().size(); i++) {
      Shape operand = graph.inputShape(node, i);
      int own = axis - shape.rank() + operand.rank();
      if (own < 0 || operand.dim(own) < out.length) {
        bindings.pin(boundAtoms(node, i), "counts for every channel of '" + node.name() + "'");
      } else {
        bindings.unite(out, bindings.operandAtoms(node, i, own));
      }
    }
    return new Layout(axis, out);
  }

  private Layout concatenated(Node node, int along) {
    int axis = commonAxis(node, along);
    if (axis == Layout.NOWHERE) {
      return Layout.MIXED;
    }
    int[][] operands = new int[node.inputs().size()][];
    for (int i = 0; i < operands.length; i++) {
      operands[i] = bindings.operandAtoms(node, i, axis);
    }
    if (axis == along) {
      return new Layout(axis, Arrays.stream(operands).flatMapToInt(Arrays::stream).toArray());
    }
    int[] out = operands[0].clone();
    for (int[] operand : operands) {
      bindings.unite(out, operand);
    }
    return new Layout(axis, out);
  }

  /**
   * The axis of the output along which the inputs' channels lie, nowhere if none has any.
   *
   * @param fallback where only bare parameters meet
   */
  private int commonAxis(Node node, int fallback) {
    int rank = graph.shape(node.name()).rank();
    int axis = Layout.NOWHERE;
    boolean bare = true;
    for (int i = 0; i < node.inputs().size(); i++) {
      Layout x = tensors.get(node.inputs().get(i));
      Shape shape = graph.inputShape(node, i);
      bare &= x == null;
      if (x == null || x.isMixed()) {
        continue;
      }
      int found = x.axis() + rank - shape.rank();
      boolean repeated = shape.dim(x.axis()) < graph.shape(node.name()).dim(found);
      if (axis != Layout.NOWHERE && found != axis && !repeated) {
        throw Bindings.lost(node, bindings.placement().apart(node));
      }
      axis = axis == Layout.NOWHERE || !repeated ? found : axis;
    }
    return bare ? fallback : axis;
  }

  private int[] boundAtoms(Node node, int index) {
    Layout x = tensors.get(node.inputs().get(index));
    return x == null ? new int[0] : x.atoms();
  }

  private Layout layerNorm(Node node, NormOp.LayerNorm norm, Layout x) {
    if (!norm.affine()) {
      return x;
    }
    Shape shape = graph.inputShape(node, 0);
    if (!x.isMixed() && x.axis() < shape.rank() - norm.normalized().rank()) {
      throw Bindings.lost(
          node,
          "it scales along other axes than the channels': " + bindings.placement().of(node, x));
    }
    return perChannel(node, bindings.expect(node, x, x.isMixed() ? shape.rank() - 1 : x.axis()), 1);
  }

  /**
   * A layer whose outputs read all inputs of their group. So that groups stay equal, position j of
   * every group goes together, at both ends.
   */
  private Layout mix(Node node, Layout x, int outChannels, int groups) {
    boolean repeated = reads.containsKey(node.module());
    int[] read = x.atoms().clone();
    if (repeated) {
      bindings.unite(read, reads.get(node.module()));
    }
    bindings.tieGroups(read, groups);
    reads.put(node.module(), read);
    if (repeated) {
      return x.with(writes.get(node.module()));
    }
    int[] out = atoms.fresh(outChannels);
    bindings.tieGroups(out, groups);
    writes.put(node.module(), out);
    return x.with(out);
  }

  /** A layer that works on each channel by itself and makes {@code multiplier} of every one. */
  private Layout perChannel(Node node, Layout x, int multiplier) {
    int[] known = writes.get(node.module());
    int[] out = new int[x.atoms().length * multiplier];
    for (int i = 0; i < x.atoms().length; i++) {
      int before = known == null ? Atoms.ZERO : known[i * multiplier];
      int atom = atoms.unite(before, x.atoms()[i]);
      if (atom == Atoms.ZERO) {
        atom = atoms.fresh();
      }
      Arrays.fill(out, i * multiplier, (i + 1) * multiplier, atom);
    }
    writes.put(node.module(), out);
    return x.with(out);
  }

  private static boolean isBare(Node node) {
    return node.op() instanceof TokenOp.Parameter;
  }
}
