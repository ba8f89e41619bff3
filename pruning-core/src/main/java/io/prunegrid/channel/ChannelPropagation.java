package io.prunegrid.channel;

import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pushes arrays of symbolic channels through a graph once: what every tensor holds at each of its
 * channels, and what every layer reads and writes. Linear in channels.
 *
 * <p>A channel of zeros ({@link Atoms#ZERO}) binds nothing: a sum with zero is the other operand's
 * channel. Where a layer with parameters of its own turns zero into a constant, that constant is a
 * channel like any other.
 */
final class ChannelPropagation {
  private final ModelGraph graph;
  private final Atoms atoms = new Atoms();
  private final Map<String, int[]> tensors = new LinkedHashMap<>();
  private final Map<String, int[]> reads = new LinkedHashMap<>();
  private final Map<String, int[]> writes = new LinkedHashMap<>();
  private final Map<Integer, String> pins = new HashMap<>();

  ChannelPropagation(ModelGraph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      tensors.put(node.name(), emit(node));
    }
    for (String output : graph.outputs()) {
      for (int atom : tensors.get(output)) {
        if (atom != Atoms.ZERO) {
          pins.putIfAbsent(atom, "reaches the output '" + output + "'");
        }
      }
    }
  }

  Atoms atoms() {
    return atoms;
  }

  /** Per node, the channel at each position of its output's first dimension. */
  Map<String, int[]> tensors() {
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

  private int[] emit(Node node) {
    List<int[]> inputs = node.inputs().stream().map(tensors::get).toList();
    Op op = node.op();
    if (op instanceof Op.Input input) {
      int[] fresh = atoms.fresh(input.shape().channels());
      for (int atom : fresh) {
        pins.put(atom, "is a channel of the network's input");
      }
      return fresh;
    }
    if (op instanceof Op.Add) {
      return sum(inputs);
    }
    if (op instanceof Op.Concat) {
      return inputs.stream().flatMapToInt(Arrays::stream).toArray();
    }
    int[] x = inputs.get(0);
    if (op instanceof Op.Conv2d conv) {
      return conv.isDepthwise()
          ? perChannel(node, x, conv.out() / conv.in())
          : mix(node, x, conv.out(), conv.groups());
    }
    if (op instanceof Op.Linear linear) {
      return mix(node, x, linear.out(), 1);
    }
    if (op instanceof Op.BatchNorm2d) {
      return perChannel(node, x, 1);
    }
    if (op instanceof Op.Relu
        || op instanceof Op.Dropout
        || op instanceof Op.MaxPool2d
        || op instanceof Op.AdaptiveAvgPool2d
        || op instanceof Op.Subsample2d) {
      return x;
    }
    if (op instanceof Op.Flatten) {
      int repeats = graph.inputShape(node, 0).positions();
      int[] flat = new int[x.length * repeats];
      Arrays.setAll(flat, i -> x[i / repeats]);
      return flat;
    }
    if (op instanceof Op.PadChannels pad) {
      int[] padded = new int[pad.before() + x.length + pad.after()];
      Arrays.fill(padded, Atoms.ZERO);
      System.arraycopy(x, 0, padded, pad.before(), x.length);
      return padded;
    }
    if (op instanceof Op.SelectChannels select) {
      return select.channels().stream().mapToInt(channel -> x[channel]).toArray();
    }
    throw new IllegalArgumentException(
        "node '"
            + node.name()
            + "': channels cannot be followed through the operator "
            + op.getClass().getSimpleName());
  }

  private int[] sum(List<int[]> inputs) {
    int[] out = inputs.get(0).clone();
    for (int[] input : inputs.subList(1, inputs.size())) {
      for (int i = 0; i < out.length; i++) {
        out[i] = atoms.unite(out[i], input[i]);
      }
    }
    return out;
  }

  /**
   * A layer whose outputs read all inputs of their group. So that groups stay equal, position j of
   * every group goes together, at both ends.
   */
  private int[] mix(Node node, int[] x, int outChannels, int groups) {
    boolean repeated = reads.containsKey(node.module());
    int[] read = repeated ? sum(List.of(reads.get(node.module()), x)) : x.clone();
    tieGroups(read, groups);
    reads.put(node.module(), read);
    if (repeated) {
      return writes.get(node.module());
    }
    int[] out = atoms.fresh(outChannels);
    tieGroups(out, groups);
    writes.put(node.module(), out);
    return out;
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
  private int[] perChannel(Node node, int[] x, int multiplier) {
    int[] known = writes.get(node.module());
    int[] out = new int[x.length * multiplier];
    for (int i = 0; i < x.length; i++) {
      int before = known == null ? Atoms.ZERO : known[i * multiplier];
      int atom = atoms.unite(before, x[i]);
      if (atom == Atoms.ZERO) {
        atom = atoms.fresh();
      }
      Arrays.fill(out, i * multiplier, (i + 1) * multiplier, atom);
    }
    writes.put(node.module(), out);
    return out;
  }
}
