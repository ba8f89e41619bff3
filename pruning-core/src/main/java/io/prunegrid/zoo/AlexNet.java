package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;

/**
 * AlexNet as torchvision builds it, after Krizhevsky (One weird trick for parallelizing
 * convolutional neural networks, 2014).
 */
record AlexNet() implements Recipe {
  private static final int HIDDEN = 4096;

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks blocks = new Blocks(graph);
    String x = blocks.relu(graph.conv("features.0", graph.input(), 64, 11, 4, 2, Bias.YES));
    x = graph.maxPool("features.2", x, 3, 2, 0);
    x = blocks.relu(graph.conv("features.3", x, 192, 5, 1, 2, Bias.YES));
    x = graph.maxPool("features.5", x, 3, 2, 0);
    x = blocks.relu(graph.conv("features.6", x, 384, 3, 1, 1, Bias.YES));
    x = blocks.relu(graph.conv("features.8", x, 256, 3, 1, 1, Bias.YES));
    x = blocks.relu(graph.conv("features.10", x, 256, 3, 1, 1, Bias.YES));
    x = graph.maxPool("features.12", x, 3, 2, 0);
    x = graph.flatten("flatten", graph.adaptiveAvgPool("avgpool", x, 6));
    x = blocks.relu(graph.linear("classifier.1", blocks.dropout("classifier.0", x, 0.5), HIDDEN));
    x = blocks.relu(graph.linear("classifier.4", blocks.dropout("classifier.3", x, 0.5), HIDDEN));
    return graph.build(graph.linear("classifier.6", x, size.classes()));
  }
}
