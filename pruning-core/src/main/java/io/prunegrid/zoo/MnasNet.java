package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.ShapeOp;
import java.util.List;

/**
 * MNASNet B1 (Tan et al., CVPR 2019) as torchvision builds and names it.
 *
 * @param alpha factor of all widths
 */
record MnasNet(double alpha) implements Recipe {
  /**
   * Blocks of one width.
   *
   * @param stride of the first of them
   */
  private record Stage(int out, int kernel, int stride, int expansion, int blocks) {}

  private static final List<Stage> STAGES =
      List.of(
          new Stage(24, 3, 2, 3, 3),
          new Stage(40, 5, 2, 3, 3),
          new Stage(80, 5, 2, 6, 3),
          new Stage(96, 3, 1, 6, 2),
          new Stage(192, 5, 2, 6, 4),
          new Stage(320, 3, 1, 6, 1));

  private static final int FIRST_STACK = 8;
  private static final double MOMENTUM = 1 - 0.9997;

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks blocks = new Blocks(graph, 1e-5, MOMENTUM);
    int stem = width(32);
    String x = unit(blocks, "layers.0", "layers.1", graph.input(), stem, 3, 2, 1);
    x = unit(blocks, "layers.3", "layers.4", x, stem, 3, 1, stem);
    x = blocks.norm("layers.7", blocks.conv("layers.6", x, width(16), 1, 1, 1, Bias.NO));
    for (int s = 0; s < STAGES.size(); s++) {
      for (int i = 0; i < STAGES.get(s).blocks; i++) {
        String name = "layers." + (FIRST_STACK + s) + "." + i + ".layers.";
        x = block(blocks, name, x, STAGES.get(s), i == 0 ? STAGES.get(s).stride : 1);
      }
    }
    x = unit(blocks, "layers.14", "layers.15", x, 1280, 1, 1, 1);
    x = graph.add("mean", new ShapeOp.Mean(List.of(1, 2), false), x);
    x = blocks.dropout("classifier.0", x, 0.2);
    return graph.build(graph.linear("classifier.1", x, size.classes()));
  }

  private int width(int depth) {
    return Blocks.divisible(depth * alpha, 8);
  }

  private String block(Blocks blocks, String name, String x, Stage stage, int stride) {
    int hidden = blocks.channels(x) * stage.expansion;
    String y = unit(blocks, name + "0", name + "1", x, hidden, 1, 1, 1);
    y = unit(blocks, name + "3", name + "4", y, hidden, stage.kernel, stride, hidden);
    y = blocks.conv(name + "6", y, width(stage.out), 1, 1, 1, Bias.NO);
    y = blocks.norm(name + "7", y);
    boolean residual = stride == 1 && blocks.channels(x) == blocks.channels(y);
    return residual ? blocks.add(name + "add", y, x) : y;
  }

  private static String unit(
      Blocks blocks,
      String conv,
      String norm,
      String x,
      int out,
      int kernel,
      int stride,
      int groups) {
    String y = blocks.conv(conv, x, out, kernel, stride, groups, Bias.NO);
    return blocks.relu(blocks.norm(norm, y));
  }
}
