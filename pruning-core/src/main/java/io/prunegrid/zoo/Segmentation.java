package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.SpatialOp.Interpolate.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Networks that label every pixel, on a ResNet whose last stages dilate their kernels, as
 * torchvision builds and names them, without the auxiliary head: FCN (Long, Shelhamer, Darrell,
 * CVPR 2015) and DeepLabV3 (Chen, Papandreou, Schroff, Adam, 2017). The output is {@code (classes,
 * height, width)}.
 */
record Segmentation(ResNet backbone, Head head) implements Recipe {
  /** What makes labels of features. */
  enum Head {
    FCN,
    DEEPLAB
  }

  private static final int PYRAMID = 256;
  private static final int[] RATES = {12, 24, 36};

  @Override
  public List<String> auxiliary() {
    return List.of("aux_classifier.");
  }

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks blocks = new Blocks(graph);
    List<String> stages = backbone.stages(graph, "backbone.", graph.input(), ResNet.Reach.DILATION);
    String x = stages.get(stages.size() - 1);
    x = head == Head.FCN ? fullyConvolutional(blocks, x) : pyramid(blocks, x);
    x = graph.conv("classifier.4", x, size.classes(), 1, 1, 0, Bias.YES);
    return graph.build(resized(graph, "out", x, new Size2d(size.height(), size.width())));
  }

  private static String fullyConvolutional(Blocks blocks, String x) {
    int hidden = blocks.channels(x) / 4;
    String y = blocks.conv("classifier.0", x, hidden, 3, 1, 1, Bias.NO);
    return blocks.dropout("classifier.3", blocks.relu(blocks.norm("classifier.1", y)), 0.1);
  }

  private static String pyramid(Blocks blocks, String x) {
    GraphBuilder graph = blocks.graph;
    Shape shape = graph.shape(x);
    List<String> scales = new ArrayList<>();
    scales.add(blocks.convNorm("classifier.0.convs.0", x, PYRAMID, 1, 1, 1, blocks::relu));
    for (int i = 0; i < RATES.length; i++) {
      String name = "classifier.0.convs." + (i + 1);
      String y =
          blocks.conv(
              name + ".0",
              x,
              PYRAMID,
              Size2d.square(3),
              1,
              Size2d.square(RATES[i]),
              RATES[i],
              1,
              Bias.NO);
      scales.add(blocks.relu(blocks.norm(name + ".1", y)));
    }
    String whole = graph.adaptiveAvgPool("classifier.0.convs.4.0", x, 1);
    whole = blocks.conv("classifier.0.convs.4.1", whole, PYRAMID, 1, 1, 1, Bias.NO);
    whole = blocks.relu(blocks.norm("classifier.0.convs.4.2", whole));
    Size2d size = new Size2d(shape.dim(1), shape.dim(2));
    scales.add(resized(graph, "classifier.0.convs.4.resized", whole, size));
    UnaryOperator<String> relu = blocks::relu;
    String y = blocks.concat("classifier.0.concat", scales);
    y = blocks.convNorm("classifier.0.project", y, PYRAMID, 1, 1, 1, relu);
    y = blocks.dropout("classifier.0.project.3", y, 0.5);
    y = blocks.conv("classifier.1", y, PYRAMID, 3, 1, 1, Bias.NO);
    return blocks.relu(blocks.norm("classifier.2", y));
  }

  private static String resized(GraphBuilder graph, String name, String x, Size2d size) {
    return graph.add(name, new SpatialOp.Interpolate(size, Mode.BILINEAR, false), x);
  }
}
