package io.prunegrid.criterion;

import io.prunegrid.criterion.Parameter.Decimal;
import io.prunegrid.criterion.Parameter.Numbers;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Prunes gradients in place of weights (Zeyuan Yin's Network-Pruning, gradient pruning): the
 * smallest weights of convolutions stay and count in the forward pass, but while retraining the
 * gradient of each layer's input is computed without them. What is chosen is chosen once, by the
 * size {@code |w|} before retraining.
 */
final class GradientOnly extends WeightCriterion {
  GradientOnly() {
    super(
        "gradient-only",
        1,
        "size of each single weight of convolutions; retraining leaves the smallest out of the"
            + " gradients of inputs and all weights stay; needs no data");
    takes(
        new Decimal(
            CHANCE,
            "1",
            0,
            Math.nextUp(1.0),
            Numbers.ALL,
            "probability with which a selected weight is left out of a step, drawn anew for each"
                + " step; the ratio is p-prune"));
  }

  @Override
  List<Place> places(ModelGraph graph, Map<String, String> parameters) {
    return super.places(graph, parameters).stream()
        .filter(place -> place.layer().op() instanceof Op.Conv2d)
        .toList();
  }

  @Override
  double chance(Map<String, String> parameters) {
    return 1;
  }

  @Override
  public OptionalDouble backwardChance(Map<String, String> parameters) {
    return OptionalDouble.of(Double.parseDouble(parameters.get(CHANCE)));
  }

  @Override
  public Scores score(ScoringInput input) {
    return ranked(
        input, (place, block) -> sums(input.model().weights().get(place.name()), block, Power.ONE));
  }
}
