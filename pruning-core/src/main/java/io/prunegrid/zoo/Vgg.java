package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import java.util.ArrayList;
import java.util.Collections;
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

  /** Widths double from stage to stage, up to 512. */
  private static final List<Integer> WIDTHS = List.of(64, 128, 256, 512, 512);

  /** The paper's configurations A, B, D and E: how many convolutions each stage has. */
  static Vgg of(Norm norm, Integer... convolutions) {
    List<List<Integer>> stages = new ArrayList<>();
    for (int stage = 0; stage < convolutions.length; stage++) {
      stages.add(Collections.nCopies(convolutions[stage], WIDTHS.get(stage)));
    }
    return new Vgg(stages, norm);
  }

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
