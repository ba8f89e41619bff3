package io.prunegrid.zoo;

import io.prunegrid.graph.ElementOp.Function;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.ModelGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * RegNet (Radosavovic, Kosaraju, Girshick, He, Dollar, Designing network design spaces, CVPR 2020)
 * as torchvision builds and names it: widths of blocks from a quantized line.
 *
 * @param depth number of blocks
 * @param first width at which the line starts
 * @param slope of the line
 * @param factor between quantized widths
 * @param groupWidth channels of a group
 * @param excitation share of a block's input that is squeezed to; 0 for none (RegNetX)
 */
record RegNet(int depth, int first, double slope, double factor, int groupWidth, double excitation)
    implements Recipe {
  private static final int STEM = 32;
  private static final int QUANTUM = 8;

  static RegNet x(int depth, int first, double slope, double factor, int groupWidth) {
    return new RegNet(depth, first, slope, factor, groupWidth, 0);
  }

  static RegNet y(int depth, int first, double slope, double factor, int groupWidth) {
    return new RegNet(depth, first, slope, factor, groupWidth, 0.25);
  }

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks blocks = new Blocks(graph);
    String x = blocks.convNorm("stem", graph.input(), STEM, 3, 2, 1, blocks::relu);
    List<Integer> widths = widths();
    int stage = 0;
    int index = 0;
    for (int i = 0; i < widths.size(); i++) {
      boolean begins = i == 0 || !widths.get(i).equals(widths.get(i - 1));
      stage += begins ? 1 : 0;
      index = begins ? 0 : index + 1;
      String name = "trunk_output.block" + stage + ".block" + stage + "-" + index;
      x = block(blocks, name, x, widths.get(i), begins ? 2 : 1);
    }
    return graph.build(graph.linear("fc", blocks.pooled(x), size.classes()));
  }

  /** Width of each block, made to fit whole groups. */
  private List<Integer> widths() {
    List<Integer> widths = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      double step = Math.rint(Math.log((i * slope + first) / first) / Math.log(factor));
      int width = (int) Math.rint(first * Math.pow(factor, step) / QUANTUM) * QUANTUM;
      widths.add(Blocks.divisible(width, Math.min(groupWidth, width)));
    }
    return widths;
  }

  private String block(Blocks blocks, String name, String x, int width, int stride) {
    UnaryOperator<String> none = UnaryOperator.identity();
    int in = blocks.channels(x);
    String shortcut =
        in != width || stride != 1
            ? blocks.convNorm(name + ".proj", x, width, 1, stride, 1, none)
            : x;
    int groups = width / Math.min(groupWidth, width);
    String y = blocks.convNorm(name + ".f.a", x, width, 1, 1, 1, blocks::relu);
    y = blocks.convNorm(name + ".f.b", y, width, 3, stride, groups, blocks::relu);
    if (excitation > 0) {
      int squeezed = (int) Math.rint(excitation * in);
      y = blocks.excite(name + ".f.se", y, squeezed, blocks::relu, Function.SIGMOID);
    }
    y = blocks.convNorm(name + ".f.c", y, width, 1, 1, 1, none);
    return blocks.relu(blocks.add(name + ".add", shortcut, y));
  }
}
