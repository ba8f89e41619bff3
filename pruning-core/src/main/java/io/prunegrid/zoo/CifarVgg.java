package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;

/**
 * A small VGG for CIFAR: three stages of two 3x3 convolutions with bias, batch norm and
 * nonlinearity, 32, 64 and 128 wide, a pooling behind each, and one linear layer; named as
 * torchvision names a VGG.
 */
record CifarVgg() implements Recipe {
  private static final int[] WIDTHS = {32, 64, 128};

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    String x = graph.input();
    int index = 0;
    for (int width : WIDTHS) {
      for (int i = 0; i < 2; i++) {
        x = graph.conv("features." + index++, x, width, 3, 1, 1, Bias.YES);
        x = graph.batchNorm("features." + index++, x);
        x = graph.relu("features." + index++, x);
      }
      x = graph.maxPool("features." + index++, x, 2, 2, 0);
    }
    return graph.build(graph.linear("classifier.0", graph.flatten("flatten", x), size.classes()));
  }
}
