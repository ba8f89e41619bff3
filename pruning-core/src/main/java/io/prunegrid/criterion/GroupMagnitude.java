package io.prunegrid.criterion;

import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.criterion.WeightPlaces.Biases;
import io.prunegrid.graph.Node;
import java.util.List;

/**
 * Group magnitude importance as Torch-Pruning computes it (Fang et al. 2023, DepGraph): for a class
 * of coupled channels, the sum of {@code |w|^p} (no root) over each place where it lives, averaged
 * over the places, then divided by the mean over its bundle.
 *
 * <p>Places are filters that produce the class, the columns of filters that read it, and scales of
 * batch norms; depthwise convolutions do not count, and biases only where that is asked. A layer
 * behind a flatten reads a channel in several columns, which are added. The columns of a grouped
 * convolution are summed over all its filters. Where a class has several channels of a layer,
 * because groups must stay equal, each is scored and normalized, and their mean counts.
 */
final class GroupMagnitude extends GroupCriterion {
  GroupMagnitude() {
    super(
        "group-magnitude",
        3,
        "sum of |w|^p over all that a class of coupled channels owns; needs no data");
    takes(
        new Choice("p", "2", List.of("1", "2"), "the power of each weight's size"),
        Biases.PARAMETER);
    reduces("mean");
  }

  @Override
  public Scores score(ScoringInput input) {
    return score(name(), input, Power.of(input.parameter("p")), Biases.of(input));
  }

  static Scores score(String name, ScoringInput input, Power power, Biases biases) {
    PlaceScores places = new PlaceScores(name);
    WeightPlaces weights = new WeightPlaces(places, input.channels(), power, biases);
    for (Node layer : input.model().graph().layers()) {
      weights.add(layer, spec -> input.model().weights().get(layer.parameterName(spec))::copy);
    }
    return places.reduced(input.channels(), reduction(input));
  }
}
