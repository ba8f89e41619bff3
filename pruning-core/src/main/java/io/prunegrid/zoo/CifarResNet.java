package io.prunegrid.zoo;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;

/**
 * The ResNets for CIFAR of He, Zhang, Ren and Sun (Deep Residual Learning for Image Recognition,
 * CVPR 2016, section 4.2) with parameter-free shortcuts, option A. Layers are named as in Yerlan
 * Idelbayev's (akamaster's) PyTorch code, whose published checkpoints fit.
 *
 * @param depth layers with weights: 6 n + 2, three stages of n blocks of two convolutions
 */
record CifarResNet(int depth) implements Recipe {
  private static final int[] WIDTHS = {16, 32, 64};

  CifarResNet {
    if (depth < 8 || (depth - 2) % 6 != 0) {
      throw new IllegalArgumentException("depth is 6 n + 2, found " + depth);
    }
  }

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    String x = graph.conv("conv1", graph.input(), WIDTHS[0], 3, 1, 1, Bias.NO);
    x = graph.relu("F.relu", graph.batchNorm("bn1", x));
    for (int stage = 0; stage < WIDTHS.length; stage++) {
      for (int block = 0; block < (depth - 2) / 6; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        x = block(graph, "layer" + (stage + 1) + "." + block, x, WIDTHS[stage], stride);
      }
    }
    x = graph.flatten("flatten", meanOfMap(graph, x));
    return graph.build(graph.linear("linear", x, size.classes()));
  }

  private static String meanOfMap(GraphBuilder graph, String x) {
    Size2d whole = new Size2d(graph.shape(x).dim(1), graph.shape(x).dim(2));
    return graph.add(
        "F.avg_pool2d", new SpatialOp.AvgPool2d(whole, whole, new Size2d(0, 0), false, true), x);
  }

  private static String block(GraphBuilder graph, String name, String x, int out, int stride) {
    String y = graph.conv(name + ".conv1", x, out, 3, stride, 1, Bias.NO);
    y = graph.relu(name + ".F.relu1", graph.batchNorm(name + ".bn1", y));
    y = graph.conv(name + ".conv2", y, out, 3, 1, 1, Bias.NO);
    y = graph.batchNorm(name + ".bn2", y);
    String shortcut = stride == 1 ? x : shortcut(graph, name + ".shortcut", x, out, stride);
    return graph.relu(name + ".F.relu2", graph.add(name + ".add", new Op.Add(), y, shortcut));
  }

  /** Option A: every second pixel, and the missing channels as zeros, half on each side. */
  private static String shortcut(GraphBuilder graph, String name, String x, int out, int stride) {
    int zeros = (out - graph.shape(x).channels()) / 2;
    String y = graph.add(name + ".subsample", new Op.Subsample2d(stride), x);
    return graph.add(name + ".pad", new Op.PadChannels(zeros, zeros), y);
  }
}
