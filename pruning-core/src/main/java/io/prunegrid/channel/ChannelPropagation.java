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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

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
  private final Atoms atoms = new Atoms();
  private final Map<String, Layout> tensors = new LinkedHashMap<>();
  private final Map<String, int[]> reads = new LinkedHashMap<>();
  private final Map<String, int[]> writes = new LinkedHashMap<>();
  private final Map<Integer, String> pins = new HashMap<>();

  ChannelPropagation(ModelGraph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      if (!isBare(node)) {
        tensors.put(node.name(), emit(node));
      }
    }
    for (Node node : graph.nodes()) {
      if (isBare(node) && !tensors.containsKey(node.name())) {
        tensors.put(node.name(), Layout.MIXED);
        writes.putIfAbsent(node.module(), pinned(1, "is no channel of its own"));
      }
    }
    for (String output : graph.outputs()) {
      pin(tensors.get(output).atoms(), "reaches the output '" + output + "'");
    }
  }

  Atoms atoms() {
    return atoms;
  }

  /** Per node, the channels of its output. */
  Map<String, Layout> tensors() {
    return tensors;
  }

  /** Per mixing layer, the channel at each of its input positions. */
  Map<String, int[]> reads() {
    return reads;
  }

  /** Per layer that owns weights, the channel at each of its output positions. */
  Map<String, int[]> writes() {
    return writes;
  }

  /** Channels that cannot go, with the reason. */
  Map<Integer, String> pins() {
    return pins;
  }

  private Layout emit(Node node) {
    Op op = node.op();
    if (op instanceof Op.Input input) {
      return new Layout(0, pinned(input.shape().channels(), "is a channel of the network's input"));
    }
    if (op instanceof Op.Add || op instanceof ElementOp.Arithmetic) {
      return combined(node);
    }
    if (op instanceof Op.Concat concat) {
      return concatenated(node, concat.axis());
    }
    if (op instanceof TokenOp.MultiHeadAttention attention) {
      return attended(node, attention);
    }
    if (op instanceof TokenOp.MatMul) {
      return multiplied(node);
    }
    Layout x = input(node, 0);
    if (op instanceof ElementOp element) {
      return elementwise(node, element, x);
    }
    if (op instanceof ShapeOp shape) {
      return rearranged(node, shape, x);
    }
    if (op instanceof Op.Flatten) {
      return reshaped(node, x);
    }
    return op instanceof Op.Relu || op instanceof Op.Dropout ? x : layer(node, x);
  }

  private Layout layer(Node node, Layout found) {
    Op op = node.op();
    if (op instanceof Op.Linear linear) {
      int last = graph.inputShape(node, 0).rank() - 1;
      return mix(node, expect(node, found, last), linear.out(), 1);
    }
    if (op instanceof NormOp.LayerNorm norm) {
      return layerNorm(node, norm, found);
    }
    Layout x = expect(node, found, 0);
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
      tieGroups(tied.atoms(), norm.groups());
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
    throw lost(node, "channels cannot be followed through it");
  }

  private Layout elementwise(Node node, ElementOp op, Layout x) {
    if (op instanceof ElementOp.Softmax softmax && softmax.axis() == x.axis()) {
      pin(x.atoms(), "is normalized together with others by '" + node.name() + "'");
    }
    if (op instanceof ElementOp.PRelu relu) {
      if (relu.slopes() > 1) {
        return perChannel(node, expect(node, x, 0), 1);
      }
      writes.computeIfAbsent(node.module(), m -> pinned(1, "is a slope that channels share"));
    }
    return x;
  }

  private Layout rearranged(Node node, ShapeOp op, Layout x) {
    if (x.isMixed()) {
      return x;
    }
    if (op instanceof ShapeOp.Transpose transpose) {
      return x.along(transpose.order().indexOf(x.axis()));
    }
    if (op instanceof ShapeOp.Slice slice) {
      if (slice.axis() == x.axis() && slice.step() > 1) {
        expect(node, x, 0);
      }
      return slice.axis() != x.axis()
          ? x
          : x.with(
              IntStream.iterate(slice.start(), i -> i < slice.end(), i -> i + slice.step())
                  .map(i -> x.atoms()[i])
                  .toArray());
    }
    if (op instanceof ShapeOp.Mean mean) {
      if (mean.axes().contains(x.axis())) {
        pin(x.atoms(), "is averaged with others by '" + node.name() + "'");
        return Layout.MIXED;
      }
      int gone = (int) mean.axes().stream().filter(axis -> axis < x.axis()).count();
      return x.along(mean.keeps() ? x.axis() : x.axis() - gone);
    }
    if (op instanceof ShapeOp.ChannelShuffle shuffle) {
      expect(node, x, 0);
      int[] sources = shuffle.sources(x.atoms().length);
      return x.with(Arrays.stream(sources).map(source -> x.atoms()[source]).toArray());
    }
    return reshaped(node, x);
  }

  private Layout reshaped(Node node, Layout x) {
    if (x.isMixed()) {
      return x;
    }
    ReshapedAxis mapping =
        new ReshapedAxis(graph.inputShape(node, 0), x.axis(), graph.shape(node.name()));
    int[] out = new int[mapping.positions()];
    Arrays.fill(out, Atoms.ZERO);
    for (int element = 0; element < mapping.length(); element++) {
      int after = mapping.after(element);
      out[after] = atoms.unite(out[after], x.atoms()[mapping.before(element)]);
    }
    return new Layout(mapping.axis(), out);
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
        pin(boundAtoms(node, i), "counts for every channel of '" + node.name() + "'");
      } else {
        unite(out, operandAtoms(node, i, own));
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
      operands[i] = operandAtoms(node, i, axis);
    }
    if (axis == along) {
      return new Layout(axis, Arrays.stream(operands).flatMapToInt(Arrays::stream).toArray());
    }
    int[] out = operands[0].clone();
    for (int[] operand : operands) {
      unite(out, operand);
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
        throw lost(node, "its inputs' channels lie along the axes " + axis + " and " + found);
      }
      axis = axis == Layout.NOWHERE || !repeated ? found : axis;
    }
    return bare ? fallback : axis;
  }

  private int[] boundAtoms(Node node, int index) {
    Layout x = tensors.get(node.inputs().get(index));
    return x == null ? new int[0] : x.atoms();
  }

  /** An operand's channels along one of its axes; a bare parameter gets channels here. */
  private int[] operandAtoms(Node node, int index, int axis) {
    String name = node.inputs().get(index);
    Layout x = tensors.get(name);
    if (x == null) {
      Node bare = graph.node(name);
      int[] fresh =
          writes.computeIfAbsent(bare.module(), m -> atoms.fresh(graph.shape(name).dim(axis)));
      tensors.put(name, new Layout(axis, fresh));
      return fresh;
    }
    return expect(node, x, axis, graph.inputShape(node, index)).atoms();
  }

  private Layout attended(Node node, TokenOp.MultiHeadAttention attention) {
    int[] united = writes.getOrDefault(node.module(), operandAtoms(node, 0, 1)).clone();
    for (int i = 0; i < node.inputs().size(); i++) {
      unite(united, operandAtoms(node, i, 1));
    }
    for (int i = 0; i < united.length; i++) {
      united[i] = united[i] == Atoms.ZERO ? atoms.fresh() : united[i];
    }
    tieGroups(united, attention.heads());
    writes.put(node.module(), united);
    return new Layout(1, united);
  }

  /** The sum runs over one axis of both operands, whose channels go together. */
  private Layout multiplied(Node node) {
    Layout a = input(node, 0);
    Layout b = input(node, 1);
    int last = graph.shape(node.name()).rank() - 1;
    for (int atom :
        IntStream.concat(Arrays.stream(a.atoms()), Arrays.stream(b.atoms())).toArray()) {
      if (atom == Atoms.ZERO) {
        throw lost(node, "it multiplies channels that are always zero");
      }
    }
    if (a.axis() == last && b.axis() == last - 1) {
      unite(a.atoms().clone(), b.atoms());
      return Layout.MIXED;
    }
    if (a.axis() == last || b.axis() == last - 1) {
      pin(a.axis() == last ? a.atoms() : b.atoms(), "is summed over by '" + node.name() + "'");
      return a.axis() == last ? b : a;
    }
    if (a.isMixed() || b.isMixed()) {
      return a.isMixed() ? b : a;
    }
    if (a.axis() != b.axis()) {
      throw lost(node, "its inputs' channels lie along the axes " + a.axis() + " and " + b.axis());
    }
    int[] out = a.atoms().clone();
    unite(out, b.atoms());
    return a.with(out);
  }

  private Layout layerNorm(Node node, NormOp.LayerNorm norm, Layout x) {
    if (!norm.affine()) {
      return x;
    }
    Shape shape = graph.inputShape(node, 0);
    if (!x.isMixed() && x.axis() < shape.rank() - norm.normalized().rank()) {
      throw lost(node, "it scales along other axes than the channels'");
    }
    return perChannel(node, expect(node, x, x.isMixed() ? shape.rank() - 1 : x.axis()), 1);
  }

  private void unite(int[] into, int[] others) {
    for (int i = 0; i < into.length; i++) {
      into[i] = atoms.unite(into[i], others[i]);
    }
  }

  private Layout input(Node node, int index) {
    Layout x = tensors.get(node.inputs().get(index));
    return x == null ? new Layout(0, operandAtoms(node, index, 0)) : x;
  }

  private Layout expect(Node node, Layout x, int axis) {
    return expect(node, x, axis, graph.inputShape(node, 0));
  }

  /** Channels along this axis; what a product has mixed before cannot go. */
  private Layout expect(Node node, Layout x, int axis, Shape shape) {
    if (x.isMixed()) {
      return new Layout(axis, pinned(shape.dim(axis), "comes from a product of channels"));
    }
    if (x.axis() != axis) {
      throw lost(
          node, "it reads channels along axis " + axis + ", but they lie along axis " + x.axis());
    }
    return x;
  }

  /**
   * A layer whose outputs read all inputs of their group. So that groups stay equal, position j of
   * every group goes together, at both ends.
   */
  private Layout mix(Node node, Layout x, int outChannels, int groups) {
    boolean repeated = reads.containsKey(node.module());
    int[] read = x.atoms().clone();
    if (repeated) {
      unite(read, reads.get(node.module()));
    }
    tieGroups(read, groups);
    reads.put(node.module(), read);
    if (repeated) {
      return x.with(writes.get(node.module()));
    }
    int[] out = atoms.fresh(outChannels);
    tieGroups(out, groups);
    writes.put(node.module(), out);
    return x.with(out);
  }

  private void tieGroups(int[] channels, int groups) {
    int size = channels.length / groups;
    for (int j = 0; j < size; j++) {
      int tied = Atoms.ZERO;
      for (int i = j; i < channels.length; i += size) {
        tied = atoms.unite(tied, channels[i]);
      }
      for (int i = j; i < channels.length; i += size) {
        channels[i] = tied;
      }
    }
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

  private int[] pinned(int number, String reason) {
    int[] fresh = atoms.fresh(number);
    pin(fresh, reason);
    return fresh;
  }

  private void pin(int[] channels, String reason) {
    for (int atom : channels) {
      if (atom != Atoms.ZERO) {
        pins.putIfAbsent(atom, reason);
      }
    }
  }

  private static boolean isBare(Node node) {
    return node.op() instanceof TokenOp.Parameter;
  }

  private static IllegalArgumentException lost(Node node, String reason) {
    return new IllegalArgumentException(
        "node '" + node.name() + "' (" + node.op().getClass().getSimpleName() + "): " + reason);
  }
}
