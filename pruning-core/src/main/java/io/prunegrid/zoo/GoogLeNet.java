package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import java.util.List;

/**
 * GoogLeNet (Szegedy et al., CVPR 2015) with batch normalization as torchvision builds and names
 * it, without the auxiliary classifiers and without the change of colors that torchvision does for
 * weights ported from elsewhere.
 */
record GoogLeNet() implements Recipe {
  /**
   * One inception module: channels of its branches, and of the reductions before the second and the
   * third.
   */
  private record Module(
      String name, int one, int reduced3, int three, int reduced5, int five, int pooled) {}

  private static final List<List<Module>> STAGES =
      List.of(
          List.of(
              new Module("inception3a", 64, 96, 128, 16, 32, 32),
              new Module("inception3b", 128, 128, 192, 32, 96, 64)),
          List.of(
              new Module("inception4a", 192, 96, 208, 16, 48, 64),
              new Module("inception4b", 160, 112, 224, 24, 64, 64),
              new Module("inception4c", 128, 128, 256, 24, 64, 64),
              new Module("inception4d", 112, 144, 288, 32, 64, 64),
              new Module("inception4e", 256, 160, 320, 32, 128, 128)),
          List.of(
              new Module("inception5a", 256, 160, 320, 32, 128, 128),
              new Module("inception5b", 384, 192, 384, 48, 128, 128)));

  @Override
  public List<String> auxiliary() {
    return List.of("aux1.", "aux2.");
  }

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks blocks = new Blocks(graph, 0.001, 0.1);
    String x = basic(blocks, "conv1", graph.input(), 64, 7, 2);
    x = blocks.maxPool("maxpool1", x, 3, 2, 0, true);
    x = basic(blocks, "conv2", x, 64, 1, 1);
    x = basic(blocks, "conv3", x, 192, 3, 1);
    x = blocks.maxPool("maxpool2", x, 3, 2, 0, true);
    for (int stage = 0; stage < STAGES.size(); stage++) {
      for (Module module : STAGES.get(stage)) {
        x = inception(blocks, module, x);
      }
      if (stage < STAGES.size() - 1) {
        x = blocks.maxPool("maxpool" + (stage + 3), x, stage == 0 ? 3 : 2, 2, 0, true);
      }
    }
    x = blocks.dropout("dropout", blocks.pooled(x), 0.2);
    return graph.build(graph.linear("fc", x, size.classes()));
  }

  /** What the paper calls 5x5 is 3x3 in torchvision, as in the weights that it ships. */
  private static String inception(Blocks blocks, Module m, String x) {
    String one = basic(blocks, m.name + ".branch1", x, m.one, 1, 1);
    String two = basic(blocks, m.name + ".branch2.0", x, m.reduced3, 1, 1);
    two = basic(blocks, m.name + ".branch2.1", two, m.three, 3, 1);
    String three = basic(blocks, m.name + ".branch3.0", x, m.reduced5, 1, 1);
    three = basic(blocks, m.name + ".branch3.1", three, m.five, 3, 1);
    String four = blocks.maxPool(m.name + ".branch4.0", x, 3, 1, 1, true);
    four = basic(blocks, m.name + ".branch4.1", four, m.pooled, 1, 1);
    return blocks.concat(m.name, List.of(one, two, three, four));
  }

  private static String basic(
      Blocks blocks, String name, String x, int out, int kernel, int stride) {
    String y = blocks.conv(name + ".conv", x, out, kernel, stride, 1, Bias.NO);
    return blocks.graph.relu(name + ".F.relu", blocks.norm(name + ".bn", y));
  }
}
