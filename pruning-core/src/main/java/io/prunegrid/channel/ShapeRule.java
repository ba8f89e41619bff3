package io.prunegrid.channel;

import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.ShapeOp;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Where channels go when elements are rearranged, left out or averaged. */
final class ShapeRule {
  private final Bindings bindings;
  private final ModelGraph graph;
  private final Map<String, Set<Integer>> heads;

  ShapeRule(Bindings bindings, AttentionUnit unit) {
    this.bindings = bindings;
    this.graph = bindings.graph();
    this.heads = unit == AttentionUnit.HEADS ? HeadAxes.of(graph) : Map.of();
  }

  Layout rearranged(Node node, ShapeOp op, Layout x) {
    if (x.isMixed()) {
      return x;
    }
    if (op instanceof ShapeOp.Transpose transpose) {
      return x.along(transpose.order().indexOf(x.axis()));
    }
    if (op instanceof ShapeOp.Slice slice) {
      if (slice.axis() == x.axis() && slice.step() > 1 && slice.axis() != 0) {
        throw Bindings.lost(
            node, "it leaves out channels in between: " + bindings.placement().of(node, x));
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
        bindings.pin(x.atoms(), "is averaged with others by '" + node.name() + "'");
        return Layout.MIXED;
      }
      int gone = (int) mean.axes().stream().filter(axis -> axis < x.axis()).count();
      return x.along(mean.keeps() ? x.axis() : x.axis() - gone);
    }
    if (op instanceof ShapeOp.ChannelShuffle shuffle) {
      bindings.expect(node, x, 0);
      int[] sources = shuffle.sources(x.atoms().length);
      return x.with(Arrays.stream(sources).map(source -> x.atoms()[source]).toArray());
    }
    return reshaped(node, x);
  }

  /** The same elements in another shape. */
  Layout reshaped(Node node, Layout x) {
    if (x.isMixed()) {
      return x;
    }
    ReshapedAxis mapping;
    try {
      mapping =
          ReshapedAxis.following(
              graph.inputShape(node, 0),
              x.axis(),
              graph.shape(node.name()),
              heads.getOrDefault(node.name(), Set.of()));
    } catch (IllegalArgumentException e) {
      throw Bindings.lost(node, "it " + e.getMessage());
    }
    int[] out = new int[mapping.positions()];
    Arrays.fill(out, Atoms.ZERO);
    for (int element = 0; element < mapping.length(); element++) {
      int after = mapping.after(element);
      out[after] = bindings.atoms().unite(out[after], x.atoms()[mapping.before(element)]);
    }
    return new Layout(mapping.axis(), out);
  }
}
