package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;
import java.util.List;

/**
 * Inception v3 (Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, CVPR 2016) as torchvision builds and
 * names it, without the auxiliary classifier and without the change of colors that torchvision does
 * for weights ported from elsewhere.
 */
record InceptionV3() implements Recipe {
  private static final Size2d ONE = Size2d.ONE;
  private static final Size2d THREE = Size2d.square(3);
  private static final Size2d FIVE = Size2d.square(5);

  @Override
  public List<String> auxiliary() {
    return List.of("AuxLogits.");
  }

  @Override
  public ModelGraph build(NetworkSize size) {
    return new Builder(new GraphBuilder(size.input())).build(size.classes());
  }

  private static final class Builder {
    private final GraphBuilder graph;
    private final Blocks blocks;

    Builder(GraphBuilder graph) {
      this.graph = graph;
      this.blocks = new Blocks(graph, 0.001, 0.1);
    }

    ModelGraph build(int classes) {
      String x = valid("Conv2d_1a_3x3", graph.input(), 32, 2);
      x = valid("Conv2d_2a_3x3", x, 32, 1);
      x = conv("Conv2d_2b_3x3", x, 64, THREE);
      x = graph.maxPool("maxpool1", x, 3, 2, 0);
      x = conv("Conv2d_3b_1x1", x, 80, ONE);
      x = valid("Conv2d_4a_3x3", x, 192, 1);
      x = graph.maxPool("maxpool2", x, 3, 2, 0);
      x = wide("Mixed_5b", x, 32);
      x = wide("Mixed_5c", x, 64);
      x = wide("Mixed_5d", x, 64);
      x = reduction("Mixed_6a", x);
      x = factorized("Mixed_6b", x, 128);
      x = factorized("Mixed_6c", x, 160);
      x = factorized("Mixed_6d", x, 160);
      x = factorized("Mixed_6e", x, 192);
      x = lastReduction("Mixed_7a", x);
      x = expanded("Mixed_7b", x);
      x = expanded("Mixed_7c", x);
      x = blocks.dropout("dropout", blocks.pooled(x), 0.5);
      return graph.build(graph.linear("fc", x, classes));
    }

    private String conv(String name, String x, int out, Size2d kernel) {
      Size2d padding = new Size2d(kernel.height() / 2, kernel.width() / 2);
      return unit(name, x, out, kernel, 1, padding);
    }

    /** 3x3 without padding. */
    private String valid(String name, String x, int out, int stride) {
      return unit(name, x, out, THREE, stride, Size2d.square(0));
    }

    private String unit(String name, String x, int out, Size2d kernel, int stride, Size2d padding) {
      String y = blocks.conv(name + ".conv", x, out, kernel, stride, padding, 1, 1, Bias.NO);
      return graph.relu(name + ".F.relu", blocks.norm(name + ".bn", y));
    }

    private String averaged(String name, String x, int out) {
      String y =
          graph.add(
              name + ".F.avg_pool2d", new SpatialOp.AvgPool2d(THREE, ONE, ONE, false, true), x);
      return conv(name + ".branch_pool", y, out, ONE);
    }

    private String wide(String name, String x, int pooled) {
      String five = conv(name + ".branch5x5_1", x, 48, ONE);
      String three = conv(name + ".branch3x3dbl_1", x, 64, ONE);
      three = conv(name + ".branch3x3dbl_2", three, 96, THREE);
      return blocks.concat(
          name,
          List.of(
              conv(name + ".branch1x1", x, 64, ONE),
              conv(name + ".branch5x5_2", five, 64, FIVE),
              conv(name + ".branch3x3dbl_3", three, 96, THREE),
              averaged(name, x, pooled)));
    }

    private String reduction(String name, String x) {
      String three = conv(name + ".branch3x3dbl_1", x, 64, ONE);
      three = conv(name + ".branch3x3dbl_2", three, 96, THREE);
      return blocks.concat(
          name,
          List.of(
              valid(name + ".branch3x3", x, 384, 2),
              valid(name + ".branch3x3dbl_3", three, 96, 2),
              graph.maxPool(name + ".F.max_pool2d", x, 3, 2, 0)));
    }

    private String factorized(String name, String x, int width) {
      Size2d row = new Size2d(1, 7);
      Size2d column = new Size2d(7, 1);
      String once = conv(name + ".branch7x7_1", x, width, ONE);
      once = conv(name + ".branch7x7_2", once, width, row);
      String twice = conv(name + ".branch7x7dbl_1", x, width, ONE);
      twice = conv(name + ".branch7x7dbl_2", twice, width, column);
      twice = conv(name + ".branch7x7dbl_3", twice, width, row);
      twice = conv(name + ".branch7x7dbl_4", twice, width, column);
      return blocks.concat(
          name,
          List.of(
              conv(name + ".branch1x1", x, 192, ONE),
              conv(name + ".branch7x7_3", once, 192, column),
              conv(name + ".branch7x7dbl_5", twice, 192, row),
              averaged(name, x, 192)));
    }

    private String lastReduction(String name, String x) {
      String three = conv(name + ".branch3x3_1", x, 192, ONE);
      String seven = conv(name + ".branch7x7x3_1", x, 192, ONE);
      seven = conv(name + ".branch7x7x3_2", seven, 192, new Size2d(1, 7));
      seven = conv(name + ".branch7x7x3_3", seven, 192, new Size2d(7, 1));
      return blocks.concat(
          name,
          List.of(
              valid(name + ".branch3x3_2", three, 320, 2),
              valid(name + ".branch7x7x3_4", seven, 192, 2),
              graph.maxPool(name + ".F.max_pool2d", x, 3, 2, 0)));
    }

    private String expanded(String name, String x) {
      String three = conv(name + ".branch3x3_1", x, 384, ONE);
      String twice = conv(name + ".branch3x3dbl_1", x, 448, ONE);
      twice = conv(name + ".branch3x3dbl_2", twice, 384, THREE);
      return blocks.concat(
          name,
          List.of(
              conv(name + ".branch1x1", x, 320, ONE),
              both(name + ".branch3x3_2", three),
              both(name + ".branch3x3dbl_3", twice),
              averaged(name, x, 192)));
    }

    private String both(String name, String x) {
      return blocks.concat(
          name,
          List.of(
              conv(name + "a", x, 384, new Size2d(1, 3)),
              conv(name + "b", x, 384, new Size2d(3, 1))));
    }
  }
}
