package io.prunegrid.channel;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Convolution;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.TokenOp;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The graph that is left when classes are removed. */
final class SmallerGraph {
  private final CoupledChannels channels;
  private final ModelGraph graph;
  private final Map<String, LayerKept> layers;
  private final TensorCuts cuts;
  private final List<Node> nodes = new ArrayList<>();

  SmallerGraph(CoupledChannels channels, BitSet removed, Map<String, LayerKept> layers) {
    this.channels = channels;
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
    if (kept.equals(wanted) || picks(node.op())) {
      return input;
    }
    if (channels.axis(input) != 0) {
      throw new BadInput(
          Placement.describe(node)
              + " cannot read '"
              + input
              + "' without some of its zeros, as its channels lie along axis "
              + channels.axis(input)
              + " behind the batch; --ignore keeps the layers whole that it reads");
    }
    String name = node.name() + ".select" + index;
    while (graph.contains(name)) {
      name += "_";
    }
    List<Integer> positions = wanted.stream().mapToObj(p -> rank(kept, p)).toList();
    nodes.add(new Node(name, new Op.SelectChannels(positions), List.of(input)));
    return name;
  }

  /** Operators that are told positions of what they read. */
  private static boolean picks(Op op) {
    return op instanceof Op.SelectChannels
        || op instanceof ShapeOp.ChannelShuffle
        || op instanceof ShapeOp.Slice;
  }

  private Op smaller(Node node) {
    Op op = node.op();
    if (op instanceof ShapeOp shape) {
      return rearranged(node, shape);
    }
    if (op instanceof NormOp || op instanceof TokenOp || op instanceof SpatialOp) {
      return resized(node, op);
    }
    if (op instanceof ElementOp.PRelu relu && relu.slopes() > 1) {
      return new ElementOp.PRelu(layers.get(node.module()).out().count());
    }
    if (op instanceof Op.Conv2d conv) {
      int out = layers.get(node.module()).out().count();
      int in = in(node, conv, out);
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

  private Op resized(Node node, Op op) {
    int axis = channels.axis(node.name());
    if (axis == Layout.NOWHERE) {
      return op;
    }
    int out = cuts.kept(node.name()).cardinality();
    if (op instanceof NormOp.LayerNorm norm) {
      int dimension = axis - graph.shape(node.name()).rank() + norm.normalized().rank();
      return dimension < 0
          ? op
          : new NormOp.LayerNorm(
              norm.normalized().withDim(dimension, out), norm.eps(), norm.affine());
    }
    if (op instanceof NormOp.GroupNorm norm) {
      boolean alone = norm.groups() == norm.channels();
      return new NormOp.GroupNorm(alone ? out : norm.groups(), out, norm.eps());
    }
    if (op instanceof TokenOp.MultiHeadAttention attention) {
      return channels.attention().smaller(attention, out);
    }
    if (op instanceof TokenOp.Parameter bare) {
      int leading = bare.stored().rank() - bare.shape().rank();
      return new TokenOp.Parameter(
          bare.shape().withDim(axis, out), bare.stored().withDim(axis + leading, out), bare.role());
    }
    if (!(op instanceof SpatialOp.ConvTranspose2d conv)) {
      return op;
    }
    int in = in(node, conv, out);
    return new SpatialOp.ConvTranspose2d(
        in,
        out,
        conv.kernel(),
        conv.stride(),
        conv.padding(),
        conv.outputPadding(),
        conv.dilation(),
        conv.isDepthwise() ? in : conv.groups(),
        conv.bias());
  }

  /** Channels that a convolution reads now, where it makes so many. */
  private int in(Node node, Convolution conv, int out) {
    return conv.isDepthwise()
        ? out / conv.multiplier()
        : layers.get(node.module()).in().orElseThrow().count();
  }

  private Op rearranged(Node node, ShapeOp op) {
    int axis = channels.axis(node.name());
    if (axis == Layout.NOWHERE) {
      return op;
    }
    BitSet kept = cuts.kept(node.name());
    BitSet read = cuts.kept(node.inputs().get(0));
    if (op instanceof ShapeOp.Reshape reshape) {
      return new ShapeOp.Reshape(reshape.shape().withDim(axis, kept.cardinality()));
    }
    if (op instanceof ShapeOp.ChannelShuffle shuffle) {
      int[] sources = shuffle.sources(channels.tensor(node.name()).length);
      return kept.cardinality() == sources.length
          ? op
          : select(kept.stream().map(out -> sources[out]), read);
    }
    if (op instanceof ShapeOp.Slice slice && slice.axis() == axis) {
      return slice(node, slice, kept, read);
    }
    return op;
  }

  /** What is left need not lie side by side: others may need zeros that this node does not. */
  private static Op slice(Node node, ShapeOp.Slice slice, BitSet kept, BitSet read) {
    int[] ranks =
        kept.stream().map(out -> rank(read, slice.start() + out * slice.step())).toArray();
    int first = ranks[0];
    if (ranks[ranks.length - 1] - first == ranks.length - 1) {
      return new ShapeOp.Slice(slice.axis(), first, first + ranks.length, 1);
    }
    if (slice.axis() != 0) {
      throw new BadInput(
          Placement.describe(node)
              + " would read scattered positions of axis "
              + slice.axis()
              + " behind the batch; --ignore keeps the layers whole that it reads");
    }
    return new Op.SelectChannels(IntStream.of(ranks).boxed().toList());
  }

  private static Op select(IntStream positions, BitSet read) {
    return new Op.SelectChannels(positions.mapToObj(position -> rank(read, position)).toList());
  }

  /** How many kept positions come before this one. */
  private static int rank(BitSet kept, int position) {
    return (int) IntStream.range(0, position).filter(kept::get).count();
  }
}
