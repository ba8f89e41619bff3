package io.prunegrid.zoo;

import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ElementOp.Function;
import io.prunegrid.graph.ElementOp.Operation;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import java.util.List;

/**
 * ConvNeXt (Liu et al., A ConvNet for the 2020s, CVPR 2022) as torchvision builds and names it.
 *
 * @param widths channels of each stage
 * @param blocks how many blocks each stage has
 * @param depthProbability of leaving out the last block while training
 */
record ConvNext(List<Integer> widths, List<Integer> blocks, double depthProbability)
    implements Recipe {
  private static final double EPS = 1e-6;
  private static final int EXPANSION = 4;

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks parts = new Blocks(graph);
    String x = graph.conv("features.0.0", graph.input(), widths.get(0), 4, 4, 0, Bias.YES);
    x = parts.layerNorm2d("features.0.1", x, EPS);
    double total = blocks.stream().mapToInt(Integer::intValue).sum() - 1.0;
    int number = 0;
    for (int stage = 0; stage < widths.size(); stage++) {
      for (int i = 0; i < blocks.get(stage); i++) {
        double p = depthProbability * number++ / total;
        x = block(parts, "features." + (2 * stage + 1) + "." + i, x, p);
      }
      if (stage < widths.size() - 1) {
        String name = "features." + (2 * stage + 2);
        x = parts.layerNorm2d(name + ".0", x, EPS);
        x = graph.conv(name + ".1", x, widths.get(stage + 1), 2, 2, 0, Bias.YES);
      }
    }
    x = parts.layerNorm2d("classifier.0", graph.adaptiveAvgPool("avgpool", x, 1), EPS);
    return graph.build(
        graph.linear("classifier.2", graph.flatten("classifier.1", x), size.classes()));
  }

  private static String block(Blocks parts, String name, String x, double p) {
    int width = parts.channels(x);
    String y = parts.conv(name + ".block.0", x, width, 7, 1, width, Bias.YES);
    y = parts.channelsLast(name + ".block.1", y);
    y = parts.layerNorm(name + ".block.2", y, EPS);
    y = parts.linear(name + ".block.3", y, EXPANSION * width);
    y = parts.linear(name + ".block.5", parts.apply(Function.GELU, y), width);
    y = parts.channelsFirst(name + ".block.6", y);
    Shape shape = Shape.of(width, 1, 1);
    String scale = parts.parameter(name + ".layer_scale", shape, shape, Role.LAYER_SCALE);
    y = parts.graph.add(name + ".scaled", new ElementOp.Arithmetic(Operation.MULTIPLY), y, scale);
    return parts.add(name + ".add", parts.stochasticDepth(name + ".stochastic_depth", y, p), x);
  }
}
