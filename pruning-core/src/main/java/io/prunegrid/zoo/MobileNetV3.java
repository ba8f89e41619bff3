package io.prunegrid.zoo;

import io.prunegrid.graph.ElementOp.Function;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.ModelGraph;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * MobileNetV3 (Howard et al., Searching for MobileNetV3, ICCV 2019) as torchvision builds and names
 * it.
 *
 * @param blocks the inverted residuals in order
 * @param hidden channels of the layer before the classifier
 */
record MobileNetV3(List<Block> blocks, int hidden) implements Recipe {
  /**
   * One inverted residual.
   *
   * @param excited whether channels are squeezed and excited
   * @param hard whether its function is hardswish, else a rectifier
   */
  record Block(int kernel, int expanded, int out, boolean excited, boolean hard, int stride) {}

  static final MobileNetV3 LARGE =
      new MobileNetV3(
          List.of(
              new Block(3, 16, 16, false, false, 1),
              new Block(3, 64, 24, false, false, 2),
              new Block(3, 72, 24, false, false, 1),
              new Block(5, 72, 40, true, false, 2),
              new Block(5, 120, 40, true, false, 1),
              new Block(5, 120, 40, true, false, 1),
              new Block(3, 240, 80, false, true, 2),
              new Block(3, 200, 80, false, true, 1),
              new Block(3, 184, 80, false, true, 1),
              new Block(3, 184, 80, false, true, 1),
              new Block(3, 480, 112, true, true, 1),
              new Block(3, 672, 112, true, true, 1),
              new Block(5, 672, 160, true, true, 2),
              new Block(5, 960, 160, true, true, 1),
              new Block(5, 960, 160, true, true, 1)),
          1280);

  static final MobileNetV3 SMALL =
      new MobileNetV3(
          List.of(
              new Block(3, 16, 16, true, false, 2),
              new Block(3, 72, 24, false, false, 2),
              new Block(3, 88, 24, false, false, 1),
              new Block(5, 96, 40, true, true, 2),
              new Block(5, 240, 40, true, true, 1),
              new Block(5, 240, 40, true, true, 1),
              new Block(5, 120, 48, true, true, 1),
              new Block(5, 144, 48, true, true, 1),
              new Block(5, 288, 96, true, true, 2),
              new Block(5, 576, 96, true, true, 1),
              new Block(5, 576, 96, true, true, 1)),
          1024);

  private static final int LAST_EXPANSION = 6;

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks parts = new Blocks(graph, 0.001, 0.01);
    UnaryOperator<String> hardswish = y -> parts.apply(Function.HARDSWISH, y);
    String x = parts.convNorm("features.0", graph.input(), 16, 3, 2, 1, hardswish);
    for (int i = 0; i < blocks.size(); i++) {
      x = block(parts, "features." + (i + 1) + ".block", x, blocks.get(i));
    }
    String last = "features." + (blocks.size() + 1);
    x = parts.convNorm(last, x, LAST_EXPANSION * parts.channels(x), 1, 1, 1, hardswish);
    x = hardswish.apply(graph.linear("classifier.0", parts.pooled(x), hidden));
    x = parts.dropout("classifier.2", x, 0.2);
    return graph.build(graph.linear("classifier.3", x, size.classes()));
  }

  private static String block(Blocks parts, String name, String x, Block block) {
    UnaryOperator<String> function =
        block.hard ? y -> parts.apply(Function.HARDSWISH, y) : parts::relu;
    int index = 0;
    String y = x;
    if (block.expanded != parts.channels(x)) {
      y = parts.convNorm(name + "." + index++, y, block.expanded, 1, 1, 1, function);
    }
    y =
        parts.convNorm(
            name + "." + index++,
            y,
            block.expanded,
            block.kernel,
            block.stride,
            block.expanded,
            function);
    if (block.excited) {
      int quarter = block.expanded / 4;
      int squeezed = Blocks.divisible(quarter, 8);
      y = parts.excite(name + "." + index++, y, squeezed, parts::relu, Function.HARDSIGMOID);
    }
    y = parts.convNorm(name + "." + index, y, block.out, 1, 1, 1, UnaryOperator.identity());
    boolean residual = block.stride == 1 && parts.channels(x) == block.out;
    return residual ? parts.add(name + ".add", x, y) : y;
  }
}
