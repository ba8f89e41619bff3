package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;
import java.util.ArrayList;
import java.util.List;

/**
 * The dense part of RetinaNet (Lin, Goyal, Girshick, He, Dollar, ICCV 2017) on ResNet-50 with a
 * feature pyramid (Lin et al., CVPR 2017) as torchvision builds and names it: maps of class scores
 * and of boxes at five scales, without anchors and suppression. The heads run on every scale.
 * Outputs are {@code cls.p3} to {@code cls.p7}, {@code (9 classes, height, width)} each, then
 * {@code reg.p3} to {@code reg.p7} of 36 channels.
 */
record RetinaNetDense(ResNet backbone) implements Recipe {
  private static final int WIDTH = 256;
  private static final int ANCHORS = 9;
  private static final int SIDES = 4;
  private static final int HEAD_LAYERS = 4;
  private static final int FIRST_LEVEL = 3;

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks blocks = new Blocks(graph);
    List<String> stages =
        backbone.stages(graph, "backbone.body.", graph.input(), ResNet.Reach.STRIDE);
    List<String> levels = pyramid(blocks, stages.subList(1, stages.size()));
    List<String> outputs = new ArrayList<>();
    for (int i = 0; i < levels.size(); i++) {
      outputs.add(
          head(
              graph,
              "head.classification_head",
              "cls_logits",
              "cls.p" + (i + FIRST_LEVEL),
              levels.get(i),
              ANCHORS * size.classes()));
    }
    for (int i = 0; i < levels.size(); i++) {
      outputs.add(
          head(
              graph,
              "head.regression_head",
              "bbox_reg",
              "reg.p" + (i + FIRST_LEVEL),
              levels.get(i),
              ANCHORS * SIDES));
    }
    return graph.build(outputs.toArray(String[]::new));
  }

  private static List<String> pyramid(Blocks blocks, List<String> stages) {
    GraphBuilder graph = blocks.graph;
    List<String> levels = new ArrayList<>();
    String inner = null;
    for (int i = stages.size() - 1; i >= 0; i--) {
      String name = "backbone.fpn.inner_blocks." + i + ".0";
      String lateral = blocks.conv(name, stages.get(i), WIDTH, 1, 1, 1, Bias.YES);
      if (inner != null) {
        Shape shape = graph.shape(lateral);
        Size2d size = new Size2d(shape.dim(1), shape.dim(2));
        SpatialOp.Interpolate.Mode nearest = SpatialOp.Interpolate.Mode.NEAREST;
        String down =
            graph.add(
                "backbone.fpn.top_down." + i,
                new SpatialOp.Interpolate(size, nearest, false),
                inner);
        lateral = blocks.add("backbone.fpn.add." + i, lateral, down);
      }
      inner = lateral;
      String layer = "backbone.fpn.layer_blocks." + i + ".0";
      levels.add(0, blocks.conv(layer, inner, WIDTH, 3, 1, 1, Bias.YES));
    }
    String last = levels.get(levels.size() - 1);
    String p6 = blocks.conv("backbone.fpn.extra_blocks.p6", last, WIDTH, 3, 2, 1, Bias.YES);
    levels.add(p6);
    String positive = blocks.graph.relu("backbone.fpn.extra_blocks.F.relu", p6);
    levels.add(blocks.conv("backbone.fpn.extra_blocks.p7", positive, WIDTH, 3, 2, 1, Bias.YES));
    return levels;
  }

  private static String head(
      GraphBuilder graph, String module, String last, String output, String x, int out) {
    String y = x;
    for (int i = 0; i < HEAD_LAYERS; i++) {
      String name = output + ".conv." + i;
      y = graph.relu(name + ".relu", shared(graph, name, module + ".conv." + i + ".0", y, WIDTH));
    }
    return shared(graph, output, module + "." + last, y, out);
  }

  private static String shared(GraphBuilder graph, String name, String module, String x, int out) {
    Size2d three = Size2d.square(3);
    Op conv =
        new Op.Conv2d(
            graph.shape(x).channels(), out, three, Size2d.ONE, Size2d.ONE, Size2d.ONE, 1, true);
    return graph.add(new Node(name, conv, List.of(x), module));
  }
}
