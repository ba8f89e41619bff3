package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;
import java.util.ArrayList;
import java.util.List;

/**
 * Densely connected networks (Huang, Liu, van der Maaten, Weinberger, CVPR 2017) as torchvision
 * builds and names them.
 *
 * @param growth channels that each layer adds
 * @param layers how many layers each dense block has
 * @param stem channels of the first convolution
 */
record DenseNet(int growth, List<Integer> layers, int stem) implements Recipe {
  private static final int BOTTLENECK = 4;

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks blocks = new Blocks(graph);
    String x = graph.conv("features.conv0", graph.input(), stem, 7, 2, 3, Bias.NO);
    x = blocks.relu(blocks.norm("features.norm0", x));
    x = graph.maxPool("features.pool0", x, 3, 2, 1);
    for (int block = 1; block <= layers.size(); block++) {
      x = dense(blocks, "features.denseblock" + block, x, layers.get(block - 1));
      if (block < layers.size()) {
        x = transition(blocks, "features.transition" + block, x);
      }
    }
    x = graph.relu("F.relu", blocks.norm("features.norm5", x));
    return graph.build(graph.linear("classifier", blocks.pooledByFunction(x), size.classes()));
  }

  private String dense(Blocks blocks, String name, String x, int count) {
    List<String> features = new ArrayList<>(List.of(x));
    String all = x;
    for (int i = 1; i <= count; i++) {
      String layer = name + ".denselayer" + i;
      String y = blocks.relu(blocks.norm(layer + ".norm1", all));
      y = blocks.conv(layer + ".conv1", y, BOTTLENECK * growth, 1, 1, 1, Bias.NO);
      y = blocks.relu(blocks.norm(layer + ".norm2", y));
      features.add(blocks.conv(layer + ".conv2", y, growth, 3, 1, 1, Bias.NO));
      all = blocks.concat(layer + ".concat", features);
    }
    return all;
  }

  private static String transition(Blocks blocks, String name, String x) {
    String y = blocks.relu(blocks.norm(name + ".norm", x));
    y = blocks.conv(name + ".conv", y, blocks.channels(x) / 2, 1, 1, 1, Bias.NO);
    Size2d two = Size2d.square(2);
    return blocks.graph.add(
        name + ".pool", new SpatialOp.AvgPool2d(two, two, Size2d.square(0), false, true), y);
  }
}
