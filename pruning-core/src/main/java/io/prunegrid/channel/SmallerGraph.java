package io.prunegrid.channel;

import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The graph that is left when classes are removed. */
final class SmallerGraph {
  private final ModelGraph graph;
  private final Map<String, LayerKept> layers;
  private final TensorCuts cuts;
  private final List<Node> nodes = new ArrayList<>();

  SmallerGraph(CoupledChannels channels, BitSet removed, Map<String, LayerKept> layers) {
    this.graph = channels.graph();
    this.layers = layers;
    this.cuts = new TensorCuts(channels, removed);
  }

  ModelGraph build() {
    for (Node node : graph.nodes()) {
      List<String> inputs = new ArrayList<>();
      for (int i = 0; i < node.inputs().size(); i++) {
        inputs.add(input(node, i));
      }
      nodes.add(node.withOp(smaller(node)).withInputs(inputs));
    }
    return new ModelGraph(nodes, graph.outputs());
  }

  /**
   * The name of what a node reads now: the input itself, or a selection from it where others need
   * zeros that this node must not see.
   */
  private String input(Node node, int index) {
    String input = node.inputs().get(index);
    BitSet kept = cuts.kept(input);
    BitSet wanted = cuts.wanted(node, index);
    if (kept.equals(wanted) || node.op() instanceof Op.SelectChannels) {
      return input;
    }
    String name = node.name() + ".select" + index;
    while (graph.contains(name)) {
      name += "_";
    }
    List<Integer> positions = wanted.stream().mapToObj(p -> rank(kept, p)).toList();
    nodes.add(new Node(name, new Op.SelectChannels(positions), List.of(input)));
    return name;
  }

  private Op smaller(Node node) {
    Op op = node.op();
    if (op instanceof Op.Conv2d conv) {
      LayerKept kept = layers.get(node.module());
      int out = kept.out().count();
      int in =
          conv.isDepthwise() ? out / (conv.out() / conv.in()) : kept.in().orElseThrow().count();
      return new Op.Conv2d(
          in,
          out,
          conv.kernel(),
          conv.stride(),
          conv.padding(),
          conv.dilation(),
          conv.isDepthwise() ? in : conv.groups(),
          conv.bias());
    }
    if (op instanceof Op.Linear linear) {
      LayerKept kept = layers.get(node.module());
      return new Op.Linear(kept.in().orElseThrow().count(), kept.out().count(), linear.bias());
    }
    if (op instanceof Op.BatchNorm2d norm) {
      return new Op.BatchNorm2d(
          layers.get(node.module()).out().count(), norm.eps(), norm.momentum());
    }
    if (op instanceof Op.PadChannels pad) {
      BitSet kept = cuts.kept(node.name());
      int inner = graph.inputShape(node, 0).channels();
      return new Op.PadChannels(
          kept.get(0, pad.before()).cardinality(),
          kept.get(pad.before() + inner, pad.before() + inner + pad.after()).cardinality());
    }
    if (op instanceof Op.SelectChannels select) {
      BitSet read = cuts.kept(node.inputs().get(0));
      return new Op.SelectChannels(
          cuts.kept(node.name()).stream()
              .mapToObj(out -> rank(read, select.channels().get(out)))
              .toList());
    }
    return op;
  }

  /** How many kept positions come before this one. */
  private static int rank(BitSet kept, int position) {
    return (int) IntStream.range(0, position).filter(kept::get).count();
  }
}
