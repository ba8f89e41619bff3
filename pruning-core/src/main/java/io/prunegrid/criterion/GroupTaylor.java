package io.prunegrid.criterion;

import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.criterion.WeightPlaces.Biases;
import io.prunegrid.runtime.WeightReading;
import java.util.List;

/**
 * First-order effect on the loss of all weights of a class of coupled channels (Molchanov et al.
 * 2019, Importance Estimation for Neural Network Pruning, over groups as Torch-Pruning does): the
 * sum of {@code |w g|} over each place where it lives, averaged over the places, with {@code g} the
 * mean gradient over the images; scales of batch norms count too. Evaluation mode.
 */
final class GroupTaylor extends GroupCriterion implements ImageCriterion {
  GroupTaylor() {
    super(
        "group-taylor",
        2,
        "first-order effect on the loss of all weights that a class of coupled channels owns",
        Need.SAMPLES,
        Need.LABELS,
        Need.ENGINE,
        Need.GRADIENTS);
    takes(
        new Choice(
            "sum",
            "sizes",
            List.of("sizes", "signed"),
            "the sum of |w g| over a place, or the size of the sum of w g"),
        GroupGradients.batchNorms(),
        Biases.PARAMETER);
    reduces("mean");
    takesImages();
  }

  @Override
  public Collector collector(ScoringInput input) {
    return new GroupGradients(
        name(),
        input,
        WeightReading.GRADIENT,
        (weight, gradient) -> weight * gradient,
        input.parameter("sum").equals("signed") ? Power.SIGNED : Power.ONE);
  }
}
