package io.prunegrid.criterion;

import io.prunegrid.criterion.Parameter.Decimal;
import io.prunegrid.criterion.Parameter.Numbers;
import io.prunegrid.criterion.TapMeans.Over;
import io.prunegrid.criterion.TapMeans.Sizes;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.runtime.Reading;

/**
 * The first-order criterion as its paper has it (Molchanov et al. 2017): per image {@code |mean
 * over positions of gradient x activation|} behind the nonlinearity, mean over the images, divided
 * by the root of squares over the layer, less {@code flops} times the layer's millions of FLOPs for
 * one feature map: {@code 2 H W (C_in K^2 + 1)} of a convolution, {@code 2 I - 1} of a linear
 * layer.
 */
final class MolchanovTaylor extends LayerCriterion implements ImageCriterion {
  private static final String FLOPS = "flops";

  MolchanovTaylor() {
    super(
        "molchanov-taylor",
        2,
        "first-order effect on the loss as its paper has it, less a share of the channel's FLOPs",
        Need.SAMPLES,
        Need.LABELS,
        Need.ENGINE,
        Need.TAPS,
        Need.GRADIENTS);
    takes(
        new Decimal(
            FLOPS,
            "0.001",
            0,
            Double.POSITIVE_INFINITY,
            Numbers.ALL,
            "what a million FLOPs of a channel take off its normalized score"),
        TapPoint.parameter(TapPoint.NONLINEARITY));
    reduces(Normalizer.parameter("l2", "a layer's scores"));
    takesImages();
  }

  @Override
  public Collector collector(ScoringInput input) {
    return new TapMeans(
        name(), input, TapPoint.of(input), new Reading.Effect(), Sizes.ABSOLUTE, Over.MEAN);
  }

  @Override
  double[] adjusted(Node layer, double[] normalized, Ranking ranking) {
    double price =
        Double.parseDouble(ranking.parameter(FLOPS)) * flops(ranking.channels().graph(), layer);
    double[] adjusted = normalized.clone();
    for (int i = 0; i < adjusted.length; i++) {
      adjusted[i] -= price / 1e6;
    }
    return adjusted;
  }

  /** FLOPs of one feature map of a layer, over all its uses. */
  private static double flops(ModelGraph graph, Node layer) {
    double flops = 0;
    for (Node node : graph.nodes()) {
      if (node.module().equals(layer.module()) && node.op() instanceof Op.Conv2d conv) {
        double inputs =
            (double) conv.in() / conv.groups() * conv.kernel().height() * conv.kernel().width();
        flops += 2.0 * graph.shape(node.name()).positions() * (inputs + 1);
      } else if (node.module().equals(layer.module())
          && node.op() instanceof SpatialOp.ConvTranspose2d conv) {
        double outputs = (double) conv.in() / conv.groups();
        outputs *= (double) conv.kernel().height() * conv.kernel().width();
        flops +=
            2.0
                * (graph.inputShape(node, 0).positions() * outputs
                    + graph.shape(node.name()).positions());
      } else if (node.module().equals(layer.module()) && node.op() instanceof Op.Linear linear) {
        flops += 2.0 * linear.in() - 1;
      }
    }
    return flops;
  }
}
