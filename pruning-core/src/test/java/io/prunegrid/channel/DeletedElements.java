package io.prunegrid.channel;

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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;

/**
 * Pushes a set of deleted output channels through a graph, one element of every tensor at a time,
 * and says whether everything still fits. Knows nothing of symbolic channels or layouts: a tensor
 * fits where what is gone of it are whole rows along some axis.
 */
final class DeletedElements {
  /** One output channel of a layer that owns weights. */
  record Channel(String layer, int position) {}

  private static final byte KEPT = 0;
  private static final byte GONE = 1;

  /** Of padding or of a bare parameter: comes and goes as others need. */
  private static final byte FREE = 2;

  /** Why a set does not fit. */
  private static final class Misfit extends RuntimeException {
    private static final long serialVersionUID = 1;

    Misfit() {
      super(null, null, false, false);
    }
  }

  private final ModelGraph graph;
  private final AttentionUnit unit;
  private final Predicate<Channel> deleted;
  private final Set<Channel> own = new LinkedHashSet<>();
  private final Map<String, byte[]> states = new HashMap<>();
  private final Map<String, byte[]> reads = new HashMap<>();

  private DeletedElements(ModelGraph graph, AttentionUnit unit, Predicate<Channel> deleted) {
    this.graph = graph;
    this.unit = unit;
    this.deleted = deleted;
  }

  /** The channels that a layer decides about, and not what it reads. */
  static List<Channel> channels(ModelGraph graph, AttentionUnit unit) {
    DeletedElements nothing = new DeletedElements(graph, unit, channel -> false);
    nothing.push();
    return List.copyOf(nothing.own);
  }

  /** Whether the network without these channels still computes its outputs, all of them. */
  static boolean fits(ModelGraph graph, AttentionUnit unit, Predicate<Channel> deleted) {
    try {
      new DeletedElements(graph, unit, deleted).push();
      return true;
    } catch (Misfit e) {
      return false;
    }
  }

  private void push() {
    for (Node node : graph.nodes()) {
      byte[] out = out(node);
      boolean isSlab = false;
      for (int axis = 0; axis < graph.shape(node.name()).rank() && !isSlab; axis++) {
        isSlab = rows(out, graph.shape(node.name()), axis) != null;
      }
      expect(isSlab);
      states.put(node.name(), out);
    }
    for (String output : graph.outputs()) {
      for (byte state : states.get(output)) {
        expect(state != GONE);
      }
    }
  }

  private static void expect(boolean holds) {
    if (!holds) {
      throw new Misfit();
    }
  }

  private byte[] out(Node node) {
    Op op = node.op();
    Shape shape = graph.shape(node.name());
    byte[] out = new byte[Math.toIntExact(shape.size())];
    if (op instanceof Op.Input) {
      return out;
    }
    if (op instanceof TokenOp.Parameter) {
      Arrays.fill(out, FREE);
      return out;
    }
    if (op instanceof Op.Add || op instanceof ElementOp.Arithmetic) {
      return combined(node, shape);
    }
    if (op instanceof Op.Concat concat) {
      return concatenated(node, shape, concat.axis());
    }
    if (op instanceof TokenOp.MultiHeadAttention attention) {
      return attended(node, attention);
    }
    if (op instanceof TokenOp.MatMul) {
      return sideBySide(node, shape);
    }
    byte[] x = states.get(node.inputs().get(0));
    Shape in = graph.inputShape(node, 0);
    if (op instanceof Op.Conv2d conv) {
      return conv.isDepthwise()
          ? perChannel(node, 0, 1, conv.out() / conv.in())
          : mixed(node, 0, conv.out(), conv.groups());
    }
    if (op instanceof SpatialOp.ConvTranspose2d conv) {
      return conv.isDepthwise()
          ? perChannel(node, 0, 1, conv.out() / conv.in())
          : mixed(node, 0, conv.out(), conv.groups());
    }
    if (op instanceof Op.Linear linear) {
      return mixed(node, in.rank() - 1, linear.out(), 1);
    }
    if (op instanceof Op.BatchNorm2d || (op instanceof ElementOp.PRelu p && p.slopes() > 1)) {
      return perChannel(node, 0, 1, 1);
    }
    if (op instanceof NormOp.GroupNorm norm) {
      return perChannel(node, 0, norm.groups() == norm.channels() ? 1 : norm.groups(), 1);
    }
    if (op instanceof NormOp.LayerNorm norm) {
      return norm.affine() ? perChannel(node, in.rank() - 1, 1, 1) : x;
    }
    if (op instanceof ElementOp.Softmax softmax) {
      normalized(x, in, softmax.axis());
      return x;
    }
    if (op instanceof ElementOp || op instanceof Op.Relu || op instanceof Op.Dropout) {
      return x;
    }
    if (op instanceof Op.Flatten || op instanceof ShapeOp.Reshape) {
      return x;
    }
    if (op instanceof ShapeOp.Mean mean) {
      return averaged(x, in, mean, out);
    }
    if (op instanceof ShapeOp.Transpose transpose) {
      return moved(shape, to -> index(in, transposed(at(shape, to), transpose.order())), x);
    }
    if (op instanceof ShapeOp.Slice slice) {
      return moved(
          shape,
          to -> {
            int[] place = at(shape, to);
            place[slice.axis()] = slice.start() + place[slice.axis()] * slice.step();
            return index(in, place);
          },
          x);
    }
    int positions = shape.positions();
    if (op instanceof ShapeOp.ChannelShuffle shuffle) {
      int[] sources = shuffle.sources(shape.channels());
      return moved(shape, to -> sources[to / positions] * positions + to % positions, x);
    }
    if (op instanceof Op.SelectChannels select) {
      return moved(
          shape, to -> select.channels().get(to / positions) * positions + to % positions, x);
    }
    if (op instanceof Op.PadChannels pad) {
      Arrays.fill(out, FREE);
      System.arraycopy(x, 0, out, pad.before() * positions, x.length);
      return out;
    }
    return spread(along(x, in, 0), shape, 0);
  }

  /** Nothing goes of what is normalized together; along other axes than the first, all may. */
  private static void normalized(byte[] x, Shape in, int axis) {
    if (axis == 0) {
      for (byte row : along(x, in, 0)) {
        expect(row != GONE);
      }
      return;
    }
    for (int i = 0; i < x.length; i++) {
      int[] first = at(in, i);
      first[axis] = 0;
      expect(x[i] == x[index(in, first)]);
    }
  }

  private static byte[] moved(Shape shape, IntUnaryOperator source, byte[] x) {
    byte[] out = new byte[Math.toIntExact(shape.size())];
    for (int to = 0; to < out.length; to++) {
      out[to] = x[source.applyAsInt(to)];
    }
    return out;
  }

  /** Every output reads all inputs of its group; groups stay equal at both ends. */
  private byte[] mixed(Node node, int axis, int channels, int groups) {
    byte[] read = along(states.get(node.inputs().get(0)), graph.inputShape(node, 0), axis);
    byte[] before = reads.putIfAbsent(node.module(), read);
    if (before != null) {
      for (int c = 0; c < read.length; c++) {
        expect(before[c] == FREE || read[c] == FREE || before[c] == read[c]);
        before[c] = before[c] == FREE ? read[c] : before[c];
      }
    }
    tied(read, groups);
    byte[] write = new byte[channels];
    for (int c = 0; c < channels; c++) {
      write[c] = own(node, c);
    }
    tied(write, groups);
    return spread(write, graph.shape(node.name()), axis);
  }

  private byte own(Node node, int position) {
    Channel channel = new Channel(node.module(), position);
    own.add(channel);
    return deleted.test(channel) ? GONE : KEPT;
  }

  /** What each position of a group is, the same in all groups. */
  private static byte[] tied(byte[] states, int groups) {
    int size = states.length / groups;
    byte[] tied = new byte[size];
    Arrays.fill(tied, FREE);
    for (int c = 0; c < states.length; c++) {
      if (states[c] != FREE) {
        expect(tied[c % size] == FREE || tied[c % size] == states[c]);
        tied[c % size] = states[c];
      }
    }
    return tied;
  }

  private byte[] perChannel(Node node, int axis, int groups, int multiplier) {
    Shape in = graph.inputShape(node, 0);
    byte[] x = along(states.get(node.inputs().get(0)), in, axis);
    byte[] tied = tied(x, groups);
    byte[] out = new byte[x.length * multiplier];
    for (int c = 0; c < out.length; c++) {
      int position = c / multiplier % tied.length;
      out[c] = tied[position] == FREE ? own(node, c) : tied[position];
    }
    for (int c = 0; c < out.length; c++) {
      int first = c / multiplier % tied.length * multiplier;
      expect(out[c] == out[first]);
    }
    return spread(out, graph.shape(node.name()), axis);
  }

  private byte[] attended(Node node, TokenOp.MultiHeadAttention attention) {
    byte[] all = new byte[attention.width()];
    Arrays.fill(all, FREE);
    for (int i = 0; i < node.inputs().size(); i++) {
      byte[] x = along(states.get(node.inputs().get(i)), graph.inputShape(node, i), 1);
      for (int c = 0; c < x.length; c++) {
        expect(all[c] == FREE || x[c] == FREE || all[c] == x[c]);
        all[c] = all[c] == FREE ? x[c] : all[c];
      }
    }
    int size = attention.width() / attention.heads();
    int units = unit == AttentionUnit.HEADS ? attention.heads() : size;
    byte[] tied = new byte[units];
    Arrays.fill(tied, FREE);
    for (int c = 0; c < all.length; c++) {
      tie(tied, unit == AttentionUnit.HEADS ? c / size : c % size, all[c]);
    }
    for (int c = 0; c < all.length; c++) {
      int own = unit == AttentionUnit.HEADS ? c / size : c % size;
      all[c] = tied[own] == FREE ? own(node, c) : tied[own];
    }
    for (int c = 0; c < all.length; c++) {
      tie(tied, unit == AttentionUnit.HEADS ? c / size : c % size, all[c]);
    }
    return spread(all, graph.shape(node.name()), 1);
  }

  private static void tie(byte[] tied, int index, byte state) {
    expect(tied[index] == FREE || state == FREE || tied[index] == state);
    tied[index] = tied[index] == FREE ? state : tied[index];
  }

  /** Of products side by side, whole ones go. */
  private byte[] sideBySide(Node node, Shape shape) {
    expect(unit == AttentionUnit.HEADS && shape.rank() == 3);
    byte[] rows = new byte[shape.dim(0)];
    Arrays.fill(rows, FREE);
    for (int i = 0; i < 2; i++) {
      byte[] own = along(states.get(node.inputs().get(i)), graph.inputShape(node, i), 0);
      for (int product = 0; product < rows.length; product++) {
        tie(rows, product, own[product]);
      }
    }
    return spread(rows, shape, 0);
  }

  /** Operands of full size along the channels agree; smaller ones count for all of them. */
  private byte[] combined(Node node, Shape shape) {
    int axis = shape.rank() == 3 ? 0 : shape.rank() - 1;
    byte[] rows = new byte[shape.dim(axis)];
    Arrays.fill(rows, FREE);
    for (int i = 0; i < node.inputs().size(); i++) {
      Shape operand = graph.inputShape(node, i);
      byte[] state = states.get(node.inputs().get(i));
      int its = axis - shape.rank() + operand.rank();
      if (its < 0 || operand.dim(its) < rows.length) {
        for (byte element : state) {
          expect(element != GONE);
        }
        continue;
      }
      byte[] read = along(state, operand, its);
      for (int c = 0; c < rows.length; c++) {
        expect(rows[c] == FREE || read[c] == FREE || rows[c] == read[c]);
        rows[c] = rows[c] == FREE ? read[c] : rows[c];
      }
    }
    return spread(rows, shape, axis);
  }

  private byte[] concatenated(Node node, Shape shape, int axis) {
    byte[] out = new byte[Math.toIntExact(shape.size())];
    int offset = 0;
    for (int i = 0; i < node.inputs().size(); i++) {
      Shape in = graph.inputShape(node, i);
      byte[] x = states.get(node.inputs().get(i));
      for (int from = 0; from < x.length; from++) {
        int[] place = at(in, from);
        place[axis] += offset;
        out[index(shape, place)] = x[from];
      }
      offset += in.dim(axis);
    }
    return out;
  }

  private static byte[] averaged(byte[] x, Shape in, ShapeOp.Mean mean, byte[] out) {
    int[] sizes = new int[in.rank()];
    Arrays.setAll(sizes, axis -> mean.axes().contains(axis) ? 1 : in.dim(axis));
    Shape kept = Shape.of(sizes);
    Arrays.fill(out, FREE);
    for (int from = 0; from < x.length; from++) {
      int[] place = at(in, from);
      mean.axes().forEach(axis -> place[axis] = 0);
      int to = index(kept, place);
      expect(out[to] == FREE || x[from] == FREE || out[to] == x[from]);
      out[to] = out[to] == FREE ? x[from] : out[to];
    }
    return out;
  }

  /** The state of every row along an axis; a misfit where elements of a row differ. */
  private static byte[] along(byte[] state, Shape shape, int axis) {
    byte[] rows = rows(state, shape, axis);
    expect(rows != null);
    return rows;
  }

  private static byte[] rows(byte[] state, Shape shape, int axis) {
    byte[] rows = new byte[shape.dim(axis)];
    Arrays.fill(rows, FREE);
    int inner = 1;
    for (int i = axis + 1; i < shape.rank(); i++) {
      inner *= shape.dim(i);
    }
    for (int i = 0; i < state.length; i++) {
      int row = i / inner % rows.length;
      if (state[i] != FREE) {
        if (rows[row] != FREE && rows[row] != state[i]) {
          return null;
        }
        rows[row] = state[i];
      }
    }
    return rows;
  }

  private static byte[] spread(byte[] rows, Shape shape, int axis) {
    int inner = 1;
    for (int i = axis + 1; i < shape.rank(); i++) {
      inner *= shape.dim(i);
    }
    byte[] out = new byte[Math.toIntExact(shape.size())];
    for (int i = 0; i < out.length; i++) {
      out[i] = rows[i / inner % rows.length];
    }
    return out;
  }

  private static int[] at(Shape shape, int index) {
    int[] place = new int[shape.rank()];
    int rest = index;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      place[axis] = rest % shape.dim(axis);
      rest /= shape.dim(axis);
    }
    return place;
  }

  private static int index(Shape shape, int[] place) {
    int index = 0;
    for (int axis = 0; axis < place.length; axis++) {
      index = index * shape.dim(axis) + place[axis];
    }
    return index;
  }

  private static int[] transposed(int[] place, List<Integer> order) {
    int[] source = new int[place.length];
    for (int axis = 0; axis < place.length; axis++) {
      source[order.get(axis)] = place[axis];
    }
    return source;
  }
}
