package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import java.util.List;

/**
 * The VGG networks of Simonyan and Zisserman (Very Deep Convolutional Networks for Large-Scale
 * Image Recognition, ICLR 2015) as torchvision builds and names them.
 *
 * @param stages output channels of each 3x3 convolution; a pooling layer ends every stage
 * @param norm what follows a convolution
 */
record Vgg(List<List<Integer>> stages, Norm norm) implements Recipe {
  /** What stands between a convolution and its nonlinearity. */
  enum Norm {
    NONE,
    BATCH
  }

  /** Configuration D of the paper: thirteen convolutions and three linear layers. */
  static final List<List<Integer>> SIXTEEN =
      List.of(
          List.of(64, 64),
          List.of(128, 128),
          List.of(256, 256, 256),
          List.of(512, 512, 512),
          List.of(512, 512, 512));

  private static final int HIDDEN = 4096;

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    String x = graph.input();
    int index = 0;
    for (List<Integer> stage : stages) {
      for (int out : stage) {
        x = graph.conv("features." + index++, x, out, 3, 1, 1, Bias.YES);
        if (norm == Norm.BATCH) {
          x = graph.batchNorm("features." + index++, x);
        }
        x = graph.relu("features." + index++, x);
      }
      x = graph.maxPool("features." + index++, x, 2, 2, 0);
    }
    x = graph.flatten("flatten", graph.adaptiveAvgPool("avgpool", x, 7));
    x = hidden(graph, 0, x);
    x = hidden(graph, 3, x);
    return graph.build(graph.linear("classifier.6", x, size.classes()));
  }

  private static String hidden(GraphBuilder graph, int index, String x) {
    String y = graph.linear("classifier." + index, x, HIDDEN);
    y = graph.relu("classifier." + (index + 1), y);
    return graph.add("classifier." + (index + 2), new Op.Dropout(0.5), y);
  }
}
