package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import java.util.List;

/**
 * The ResNets for ImageNet of He, Zhang, Ren and Sun (CVPR 2016) as torchvision builds and names
 * them: projections as shortcuts, and in bottlenecks the stride in the 3x3 convolution.
 *
 * @param block kind of block
 * @param blocks how many blocks each stage has
 */
record ResNet(Block block, List<Integer> blocks) implements Recipe {
  /** Kinds of residual blocks. */
  enum Block {
    /** Two 3x3 convolutions. */
    BASIC,
    /** 1x1, 3x3 and 1x1 convolutions, the last four times as wide. */
    BOTTLENECK
  }

  private static final int STEM = 64;

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    String x = graph.conv("conv1", graph.input(), STEM, 7, 2, 3, Bias.NO);
    x = graph.relu("relu", graph.batchNorm("bn1", x));
    x = graph.maxPool("maxpool", x, 3, 2, 1);
    for (int stage = 0; stage < blocks.size(); stage++) {
      for (int i = 0; i < blocks.get(stage); i++) {
        int stride = stage > 0 && i == 0 ? 2 : 1;
        x = block(graph, "layer" + (stage + 1) + "." + i, x, STEM << stage, stride);
      }
    }
    x = graph.flatten("flatten", graph.adaptiveAvgPool("avgpool", x, 1));
    return graph.build(graph.linear("fc", x, size.classes()));
  }

  private String block(GraphBuilder graph, String name, String x, int width, int stride) {
    String y =
        block == Block.BASIC
            ? basic(graph, name, x, width, stride)
            : bottleneck(graph, name, x, width, stride);
    int out = graph.shape(y).channels();
    String shortcut = x;
    if (stride != 1 || graph.shape(x).channels() != out) {
      shortcut = graph.conv(name + ".downsample.0", x, out, 1, stride, 0, Bias.NO);
      shortcut = graph.batchNorm(name + ".downsample.1", shortcut);
    }
    return graph.relu(name + ".relu", graph.add(name + ".add", new Op.Add(), y, shortcut));
  }

  private static String basic(GraphBuilder graph, String name, String x, int width, int stride) {
    String y = graph.conv(name + ".conv1", x, width, 3, stride, 1, Bias.NO);
    y = graph.relu(name + ".relu1", graph.batchNorm(name + ".bn1", y));
    y = graph.conv(name + ".conv2", y, width, 3, 1, 1, Bias.NO);
    return graph.batchNorm(name + ".bn2", y);
  }

  private static String bottleneck(
      GraphBuilder graph, String name, String x, int width, int stride) {
    String y = graph.conv(name + ".conv1", x, width, 1, 1, 0, Bias.NO);
    y = graph.relu(name + ".relu1", graph.batchNorm(name + ".bn1", y));
    y = graph.conv(name + ".conv2", y, width, 3, stride, 1, Bias.NO);
    y = graph.relu(name + ".relu2", graph.batchNorm(name + ".bn2", y));
    y = graph.conv(name + ".conv3", y, 4 * width, 1, 1, 0, Bias.NO);
    return graph.batchNorm(name + ".bn3", y);
  }
}
