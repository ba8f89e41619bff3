package io.prunegrid.zoo;

import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;

/**
 * The convolutional network of a survey of pruning: three convolutions of 3x3 without padding, each
 * followed by relu, max pooling and batch norm, then three linear layers with relu between, and the
 * logarithm of the softmax; 15,355,402 parameters for ten classes of CIFAR's images.
 */
record SurveyCnn() implements Recipe {
  private static final int[] WIDTHS = {256, 512, 1024};

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    String x = graph.input();
    for (int i = 0; i < WIDTHS.length; i++) {
      int number = i + 1;
      x = graph.conv("conv" + number, x, WIDTHS[i], 3, 1, 0, Bias.YES);
      x = graph.maxPool("pool" + number, graph.relu("relu" + number, x), 2, 2, 0);
      x = graph.batchNorm("bn" + number, x);
    }
    x = graph.relu("relu4", graph.linear("fc1", graph.flatten("flatten", x), 2048));
    x = graph.relu("relu5", graph.linear("fc2", x, 512));
    ElementOp.Softmax softmax = new ElementOp.Softmax(0, ElementOp.Softmax.Output.LOGARITHM);
    return graph.build(graph.add("softmax", softmax, graph.linear("fc3", x, size.classes())));
  }
}
