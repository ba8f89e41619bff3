package io.prunegrid.zoo;

import io.prunegrid.graph.ElementOp.Function;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * MobileNetV2 (Sandler, Howard, Zhu, Zhmoginov, Chen, CVPR 2018) as torchvision builds and names
 * it: inverted residuals with linear bottlenecks.
 */
record MobileNetV2() implements Recipe {
  /**
   * Blocks of one width.
   *
   * @param stride of the first of them
   */
  private record Stage(int expansion, int out, int blocks, int stride) {}

  private static final List<Stage> STAGES =
      List.of(
          new Stage(1, 16, 1, 1),
          new Stage(6, 24, 2, 2),
          new Stage(6, 32, 3, 2),
          new Stage(6, 64, 4, 2),
          new Stage(6, 96, 3, 1),
          new Stage(6, 160, 3, 2),
          new Stage(6, 320, 1, 1));

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks blocks = new Blocks(graph);
    UnaryOperator<String> relu6 = x -> blocks.apply(Function.RELU6, x);
    String x = blocks.convNorm("features.0", graph.input(), 32, 3, 2, 1, relu6);
    int index = 1;
    for (Stage stage : STAGES) {
      for (int i = 0; i < stage.blocks; i++) {
        x = block(blocks, "features." + index++, x, stage, i == 0 ? stage.stride : 1, relu6);
      }
    }
    x = blocks.convNorm("features." + index, x, 1280, 1, 1, 1, relu6);
    x = blocks.dropout("classifier.0", blocks.pooledByFunction(x), 0.2);
    return graph.build(graph.linear("classifier.1", x, size.classes()));
  }

  private static String block(
      Blocks blocks, String name, String x, Stage stage, int stride, UnaryOperator<String> relu6) {
    int hidden = blocks.channels(x) * stage.expansion;
    int index = 0;
    String y = x;
    if (stage.expansion != 1) {
      y = blocks.convNorm(name + ".conv." + index++, y, hidden, 1, 1, 1, relu6);
    }
    y = blocks.convNorm(name + ".conv." + index++, y, hidden, 3, stride, hidden, relu6);
    y = blocks.conv(name + ".conv." + index++, y, stage.out, 1, 1, 1, Bias.NO);
    y = blocks.norm(name + ".conv." + index, y);
    boolean residual = stride == 1 && blocks.channels(x) == stage.out;
    return residual ? blocks.add(name + ".add", x, y) : y;
  }
}
