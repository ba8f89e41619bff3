package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Size2d;
import java.util.ArrayList;
import java.util.List;

/**
 * The ResNets for ImageNet of He, Zhang, Ren and Sun (CVPR 2016) as torchvision builds and names
 * them: projections as shortcuts, and in bottlenecks the stride in the 3x3 convolution; with them
 * ResNeXt (Xie et al., CVPR 2017) and wide ResNets (Zagoruyko, Komodakis, BMVC 2016).
 *
 * @param block kind of block
 * @param blocks how many blocks each stage has
 * @param groups of the 3x3 convolutions
 * @param groupWidth channels of a group in the first stage's bottlenecks
 */
record ResNet(Block block, List<Integer> blocks, int groups, int groupWidth) implements Recipe {
  /** Kinds of residual blocks. */
  enum Block {
    /** Two 3x3 convolutions. */
    BASIC,
    /** 1x1, 3x3 and 1x1 convolutions, the last four times as wide as its stage. */
    BOTTLENECK
  }

  /** Where the last stages get their reach from. */
  enum Reach {
    /** Every stage but the first halves its maps. */
    STRIDE,
    /** The last two stages keep their maps and dilate their kernels. */
    DILATION
  }

  private static final int STEM = 64;

  /** Blocks without groups. */
  ResNet(Block block, List<Integer> blocks) {
    this(block, blocks, 1, STEM);
  }

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    List<String> stages = stages(graph, "", graph.input(), Reach.STRIDE);
    String x = new Blocks(graph).pooled(stages.get(stages.size() - 1));
    return graph.build(graph.linear("fc", x, size.classes()));
  }

  /**
   * Adds everything before the classifier.
   *
   * @param prefix of the layers' names
   * @return the output of each stage
   */
  List<String> stages(GraphBuilder graph, String prefix, String input, Reach reach) {
    String x = graph.conv(prefix + "conv1", input, STEM, 7, 2, 3, Bias.NO);
    x = graph.relu(prefix + "relu", graph.batchNorm(prefix + "bn1", x));
    x = graph.maxPool(prefix + "maxpool", x, 3, 2, 1);
    List<String> outputs = new ArrayList<>();
    int dilation = 1;
    for (int stage = 0; stage < blocks.size(); stage++) {
      boolean dilates = reach == Reach.DILATION && stage >= 2;
      for (int i = 0; i < blocks.get(stage); i++) {
        int stride = stage > 0 && i == 0 && !dilates ? 2 : 1;
        if (dilates && i == 1) {
          dilation *= 2;
        }
        String name = prefix + "layer" + (stage + 1) + "." + i;
        x = block(graph, name, x, STEM << stage, stride, dilation);
      }
      outputs.add(x);
    }
    return outputs;
  }

  private String block(
      GraphBuilder graph, String name, String x, int width, int stride, int dilation) {
    String y =
        block == Block.BASIC
            ? basic(graph, name, x, width, stride)
            : bottleneck(graph, name, x, width, stride, dilation);
    int out = graph.shape(y).channels();
    String shortcut = x;
    if (stride != 1 || graph.shape(x).channels() != out) {
      shortcut = graph.conv(name + ".downsample.0", x, out, 1, stride, 0, Bias.NO);
      shortcut = graph.batchNorm(name + ".downsample.1", shortcut);
    }
    return graph.relu(name + ".relu", new Blocks(graph).add(name + ".add", y, shortcut));
  }

  private static String basic(GraphBuilder graph, String name, String x, int width, int stride) {
    String y = graph.conv(name + ".conv1", x, width, 3, stride, 1, Bias.NO);
    y = graph.relu(name + ".relu1", graph.batchNorm(name + ".bn1", y));
    y = graph.conv(name + ".conv2", y, width, 3, 1, 1, Bias.NO);
    return graph.batchNorm(name + ".bn2", y);
  }

  private String bottleneck(
      GraphBuilder graph, String name, String x, int width, int stride, int dilation) {
    int inner = width * groupWidth / STEM * groups;
    String y = graph.conv(name + ".conv1", x, inner, 1, 1, 0, Bias.NO);
    y = graph.relu(name + ".relu1", graph.batchNorm(name + ".bn1", y));
    y =
        new Blocks(graph)
            .conv(
                name + ".conv2",
                y,
                inner,
                Size2d.square(3),
                stride,
                Size2d.square(dilation),
                dilation,
                groups,
                Bias.NO);
    y = graph.relu(name + ".relu2", graph.batchNorm(name + ".bn2", y));
    y = graph.conv(name + ".conv3", y, 4 * width, 1, 1, 0, Bias.NO);
    return graph.batchNorm(name + ".bn3", y);
  }
}
