package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.ShapeOp;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * ShuffleNet V2 (Ma, Zhang, Zheng, Sun, ECCV 2018) as torchvision builds and names it.
 *
 * @param widths channels of the three stages
 * @param last channels before the classifier
 */
record ShuffleNetV2(List<Integer> widths, int last) implements Recipe {
  private static final int STEM = 24;
  private static final List<Integer> UNITS = List.of(4, 8, 4);

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks blocks = new Blocks(graph);
    String x = blocks.convNorm("conv1", graph.input(), STEM, 3, 2, 1, blocks::relu);
    x = graph.maxPool("maxpool", x, 3, 2, 1);
    for (int stage = 0; stage < widths.size(); stage++) {
      for (int i = 0; i < UNITS.get(stage); i++) {
        x = unit(blocks, "stage" + (stage + 2) + "." + i, x, widths.get(stage) / 2, i == 0);
      }
    }
    x = blocks.convNorm("conv5", x, last, 1, 1, 1, blocks::relu);
    x = graph.add("mean", new ShapeOp.Mean(List.of(1, 2), false), x);
    return graph.build(graph.linear("fc", x, size.classes()));
  }

  private static String unit(Blocks blocks, String name, String x, int half, boolean halves) {
    String left;
    String right;
    if (halves) {
      left = depthwise(blocks, name + ".branch1", 0, x, 2);
      left = pointwise(blocks, name + ".branch1", 2, left, half, blocks::relu);
      right = x;
    } else {
      left = blocks.graph.add(name + ".left", new ShapeOp.Slice(0, 0, half, 1), x);
      right = blocks.graph.add(name + ".right", new ShapeOp.Slice(0, half, 2 * half, 1), x);
    }
    right = pointwise(blocks, name + ".branch2", 0, right, half, blocks::relu);
    right = depthwise(blocks, name + ".branch2", 3, right, halves ? 2 : 1);
    right = pointwise(blocks, name + ".branch2", 5, right, half, blocks::relu);
    String y = blocks.concat(name + ".concat", List.of(left, right));
    return blocks.graph.add(name + ".shuffle", new ShapeOp.ChannelShuffle(2), y);
  }

  private static String pointwise(
      Blocks blocks,
      String branch,
      int index,
      String x,
      int out,
      UnaryOperator<String> activation) {
    String y = blocks.conv(branch + "." + index, x, out, 1, 1, 1, Bias.NO);
    return activation.apply(blocks.norm(branch + "." + (index + 1), y));
  }

  private static String depthwise(Blocks blocks, String branch, int index, String x, int stride) {
    int channels = blocks.channels(x);
    String y = blocks.conv(branch + "." + index, x, channels, 3, stride, channels, Bias.NO);
    return blocks.norm(branch + "." + (index + 1), y);
  }
}
