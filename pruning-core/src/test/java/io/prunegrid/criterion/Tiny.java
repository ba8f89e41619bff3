package io.prunegrid.criterion;

import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.zoo.Procedural;
import java.util.List;

/** A small network with one of everything that a criterion treats in its own way. */
final class Tiny {
  private Tiny() {}

  /**
   * Stem of 4, depthwise, a residual sum, a convolution of 6 in 2 groups with batch norm, flatten
   * of 2x2, linear of 5, linear of 3.
   */
  static Model model() {
    GraphBuilder g = new GraphBuilder(Shape.of(2, 4, 4));
    String stem =
        g.relu("relu1", g.batchNorm("bn1", g.conv("stem", g.input(), 4, 3, 1, 1, Bias.NO)));
    String depthwise = g.add("depthwise", conv(4, 4, 1, 4), stem);
    String sum = g.add("sum", new Op.Add(), stem, depthwise);
    String grouped = g.batchNorm("bn2", g.add("grouped", conv(4, 6, 2, 2), sum));
    String flat = g.flatten("flatten", g.relu("relu2", grouped));
    String hidden = g.relu("relu3", g.linear("hidden", flat, 5));
    ModelGraph graph = g.build(g.linear("head", hidden, 3));
    return new Model(graph, Procedural.weights(graph));
  }

  private static Op conv(int in, int out, int stride, int groups) {
    return new Op.Conv2d(
        in,
        out,
        Size2d.square(3),
        Size2d.square(stride),
        Size2d.square(1),
        Size2d.ONE,
        groups,
        false);
  }

  /** Defaults but for the scope and what is ignored. */
  static SelectionConfig config(Scope scope, String... ignored) {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        scope,
        defaults.rounding(),
        defaults.onEmpty(),
        1,
        1,
        List.of(ignored),
        List.of(),
        defaults.ties(),
        defaults.apply());
  }
}
