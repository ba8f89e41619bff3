package io.prunegrid.channel;

import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
    if (node.op() instanceof Op.Flatten) {
      completeChannels(kept.get(node.name()), channels.graph().inputShape(node, 0).positions());
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
    if (op instanceof Op.Conv2d conv && conv.isDepthwise()) {
      return out.get(position * (conv.out() / conv.in()));
    }
    if (op instanceof Op.Conv2d || op instanceof Op.Linear) {
      int id = channels.read(node.module())[position];
      return id == CoupledChannels.NO_CLASS || !removed.get(id);
    }
    if (op instanceof Op.Concat) {
      return out.get(offset + position);
    }
    if (op instanceof Op.Flatten) {
      return out.get(position * channels.graph().inputShape(node, 0).positions());
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
      alive.set(position, ids[position] != CoupledChannels.NO_CLASS && !removed.get(ids[position]));
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

  /** A flattened channel stays with all its positions or not at all. */
  private static void completeChannels(BitSet features, int positions) {
    for (int i = features.nextSetBit(0); i >= 0; i = features.nextSetBit(i + 1)) {
      int start = i / positions * positions;
      features.set(start, start + positions);
      i = start + positions - 1;
    }
  }
}
