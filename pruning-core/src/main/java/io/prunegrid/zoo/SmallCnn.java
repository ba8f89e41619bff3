package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;

/**
 * A small network that learns clothes from a few thousand images in seconds: three 3x3 convolutions
 * with batch normalization, two poolings, two linear layers; 93,482 parameters for grey images of
 * 14x14 and ten classes.
 */
record SmallCnn() implements Recipe {
  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    String x = conv(graph, 1, graph.input(), 32);
    x = graph.maxPool("pool1", conv(graph, 2, x, 64), 2, 2, 0);
    x = graph.maxPool("pool2", conv(graph, 3, x, 64), 2, 2, 0);
    x = graph.relu("relu4", graph.linear("linear1", graph.flatten("flatten", x), 64));
    return graph.build(graph.linear("linear2", x, size.classes()));
  }

  private static String conv(GraphBuilder graph, int number, String x, int out) {
    String y = graph.conv("conv" + number, x, out, 3, 1, 1, Bias.NO);
    return graph.relu("relu" + number, graph.batchNorm("bn" + number, y));
  }
}
