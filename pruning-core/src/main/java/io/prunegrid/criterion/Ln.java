package io.prunegrid.criterion;

import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.graph.Filters;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The p-norm of each filter, {@code ||W[c]||_p}, summed in double (Li et al. 2017, Pruning Filters
 * for Efficient ConvNets, for p = 1). A class of coupled channels gets the mean over the layers
 * that produce it, depthwise convolutions among them; nothing is normalized unless that is asked
 * for, so in global scope layers with few inputs go first.
 */
final class Ln extends LayerCriterion {
  Ln() {
    super("ln", 1, "p-norm of each filter's weights; needs no data");
    takes(
        new Choice(
            "p",
            "1",
            List.of("1", "2", "inf"),
            "which norm: sum of sizes, root of the sum of squares, largest size"));
    reduces();
  }

  @Override
  public Scores score(ScoringInput input) {
    Power power = Power.of(input.parameter("p"));
    Map<String, double[]> layers = new LinkedHashMap<>();
    for (Node layer : Layers.producers(input.model().graph())) {
      Tensor weight = input.model().weights().get(layer.parameterName("weight"));
      Filters filters = Filters.of(layer.op(), weight.shape());
      double[] norms = new double[filters.outputs()];
      for (int channel = 0; channel < norms.length; channel++) {
        double total = 0;
        for (int i = 0; i < filters.perOutput(); i++) {
          total = power.add(total, weight.at(filters.output(channel, i)));
        }
        norms[channel] =
            Layers.requireFinite(
                power.norm(total), name(), "channel " + channel + " of " + layer.module());
      }
      layers.put(layer.module(), norms);
    }
    return new LayerScores(layers);
  }
}
