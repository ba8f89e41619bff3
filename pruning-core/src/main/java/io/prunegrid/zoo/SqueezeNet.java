package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import java.util.List;

/**
 * SqueezeNet (Iandola et al., 2016) as torchvision builds and names it.
 *
 * @param stem channels of the first convolution
 * @param kernel of the first convolution
 * @param steps what follows the first pooling: squeezed channels of a fire module, or 0 for pooling
 */
record SqueezeNet(int stem, int kernel, List<Integer> steps) implements Recipe {
  static final SqueezeNet VERSION_1_0 =
      new SqueezeNet(96, 7, List.of(16, 16, 32, 0, 32, 48, 48, 64, 0, 64));
  static final SqueezeNet VERSION_1_1 =
      new SqueezeNet(64, 3, List.of(16, 16, 0, 32, 32, 0, 48, 48, 64, 64));

  private static final int EXPANSION = 4;

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks blocks = new Blocks(graph);
    String x = blocks.relu(graph.conv("features.0", graph.input(), stem, kernel, 2, 0, Bias.YES));
    x = blocks.maxPool("features.2", x, 3, 2, 0, true);
    int index = 3;
    for (int squeezed : steps) {
      String name = "features." + index++;
      x = squeezed == 0 ? blocks.maxPool(name, x, 3, 2, 0, true) : fire(blocks, name, x, squeezed);
    }
    x = blocks.dropout("classifier.0", x, 0.5);
    x = blocks.relu(graph.conv("classifier.1", x, size.classes(), 1, 1, 0, Bias.YES));
    return graph.build(blocks.pooled(x));
  }

  private static String fire(Blocks blocks, String name, String x, int squeezed) {
    int out = EXPANSION * squeezed;
    String y = blocks.relu(blocks.conv(name + ".squeeze", x, squeezed, 1, 1, 1, Bias.YES));
    String small = blocks.relu(blocks.conv(name + ".expand1x1", y, out, 1, 1, 1, Bias.YES));
    String large = blocks.relu(blocks.conv(name + ".expand3x3", y, out, 3, 1, 1, Bias.YES));
    return blocks.concat(name + ".concat", List.of(small, large));
  }
}
