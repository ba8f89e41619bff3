package io.prunegrid.channel;

import io.prunegrid.graph.Convolution;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ShapeOp;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which channels of every tensor stay when classes are removed. A channel of a class stays or goes
 * with it; a channel that is always zero belongs to no class and stays exactly where someone still
 * reads it, which is found by walking the graph backward.
 */
final class TensorCuts {
  private final CoupledChannels channels;
  private final BitSet removed;
  private final Map<String, BitSet> kept = new HashMap<>();
  private final Map<String, List<BitSet>> wanted = new HashMap<>();

  TensorCuts(CoupledChannels channels, BitSet removed) {
    this.channels = channels;
    this.removed = removed;
    ModelGraph graph = channels.graph();
    for (Node node : graph.nodes()) {
      kept.put(node.name(), alive(channels.tensor(node.name())));
    }
    for (Node node : graph.nodes()) {
      // What nobody reads stays as it is; outputs are pinned, so that they are whole.
      if (graph.consumers(node.name()).isEmpty() || graph.outputs().contains(node.name())) {
        keepZeros(node.name());
      }
    }
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      visit(graph.nodes().get(i));
    }
  }

  /** Original positions that a node's output still has. */
  BitSet kept(String node) {
    return kept.get(node);
  }

  /** Original positions that a node reads of its n-th input, of those the input still has. */
  BitSet wanted(Node node, int input) {
    return wanted.get(node.name()).get(input);
  }

  private void visit(Node node) {
    if (isReshape(node)) {
      completeChannels(node);
    }
    List<BitSet> reads = new ArrayList<>();
    int offset = 0;
    for (int i = 0; i < node.inputs().size(); i++) {
      String input = node.inputs().get(i);
      int[] ids = channels.tensor(input);
      BitSet read = alive(ids);
      for (int position = 0; position < ids.length; position++) {
        if (ids[position] == CoupledChannels.NO_CLASS && wants(node, position, offset)) {
          read.set(position);
        }
      }
      offset += ids.length;
      kept.get(input).or(read);
      reads.add(read);
    }
    wanted.put(node.name(), reads);
  }

  /** Whether a node needs the zero that one of its inputs has at this position. */
  private boolean wants(Node node, int position, int offset) {
    Op op = node.op();
    BitSet out = kept.get(node.name());
    if (op instanceof Convolution conv && conv.isDepthwise()) {
      return out.get(position * conv.multiplier());
    }
    if (op instanceof Convolution || op instanceof Op.Linear) {
      int id = channels.read(node.module())[position];
      return id == CoupledChannels.NO_CLASS || !removed.get(id);
    }
    if (mixes(node)) {
      return true;
    }
    if (op instanceof Op.Concat concat && concat.axis() == channels.axis(node.name())) {
      return out.get(offset + position);
    }
    if (isReshape(node)) {
      ReshapedAxis mapping = mapping(node);
      return IntStream.range(0, mapping.length())
          .anyMatch(e -> mapping.before(e) == position && out.get(mapping.after(e)));
    }
    if (op instanceof ShapeOp.ChannelShuffle shuffle) {
      int size = channels.tensor(node.name()).length / shuffle.groups();
      return out.get(position % size * shuffle.groups() + position / size);
    }
    if (op instanceof ShapeOp.Slice slice && slice.axis() == channels.axis(node.name())) {
      int from = position - slice.start();
      return from >= 0
          && position < slice.end()
          && from % slice.step() == 0
          && out.get(from / slice.step());
    }
    if (op instanceof Op.PadChannels pad) {
      return out.get(pad.before() + position);
    }
    if (op instanceof Op.SelectChannels select) {
      int selected = select.channels().indexOf(position);
      return selected >= 0 && out.get(selected);
    }
    return out.get(position);
  }

  private BitSet alive(int[] ids) {
    BitSet alive = new BitSet(ids.length);
    for (int position = 0; position < ids.length; position++) {
      if (ids[position] != CoupledChannels.NO_CLASS && !removed.get(ids[position])) {
        alive.set(position);
      }
    }
    return alive;
  }

  private void keepZeros(String node) {
    int[] ids = channels.tensor(node);
    for (int position = 0; position < ids.length; position++) {
      if (ids[position] == CoupledChannels.NO_CLASS) {
        kept.get(node).set(position);
      }
    }
  }

  /** Whether what a node computes depends on how many channels it reads, zeros too. */
  private boolean mixes(Node node) {
    return channels.axis(node.name()) == Layout.NOWHERE
        || (node.op() instanceof ElementOp.Softmax softmax
            && softmax.axis() == channels.axis(node.name()));
  }

  private boolean isReshape(Node node) {
    return (node.op() instanceof Op.Flatten || node.op() instanceof ShapeOp.Reshape)
        && channels.axis(node.name()) != Layout.NOWHERE;
  }

  private ReshapedAxis mapping(Node node) {
    ModelGraph graph = channels.graph();
    return ReshapedAxis.between(
        graph.inputShape(node, 0),
        channels.axis(node.inputs().get(0)),
        graph.shape(node.name()),
        channels.axis(node.name()));
  }

  /** A reshaped channel stays with all its positions or not at all. */
  private void completeChannels(Node node) {
    ReshapedAxis mapping = mapping(node);
    BitSet out = kept.get(node.name());
    BitSet in = new BitSet();
    for (int element = 0; element < mapping.length(); element++) {
      in.set(
          mapping.before(element),
          in.get(mapping.before(element)) || out.get(mapping.after(element)));
    }
    for (int element = 0; element < mapping.length(); element++) {
      if (in.get(mapping.before(element))) {
        out.set(mapping.after(element));
      }
    }
  }
}
