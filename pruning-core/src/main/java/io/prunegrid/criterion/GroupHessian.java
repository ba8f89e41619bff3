package io.prunegrid.criterion;

import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.criterion.WeightPlaces.Biases;
import io.prunegrid.data.Samples;
import io.prunegrid.runtime.WeightReading;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Second-order effect on the loss of all weights of a class of coupled channels (LeCun et al. 1990,
 * Optimal Brain Damage, over groups as Torch-Pruning does): the sum of {@code w^2 h} over each
 * place where it lives, averaged over the places, with {@code h} the mean over the images of the
 * square of each image's own gradient. The reference keeps the last image's alone. Evaluation mode.
 */
final class GroupHessian extends GroupCriterion implements ImageCriterion {
  private static final String OVER = "images";

  GroupHessian() {
    super(
        "group-hessian",
        2,
        "second-order effect on the loss of all weights that a class of coupled channels owns",
        Need.SAMPLES,
        Need.LABELS,
        Need.ENGINE,
        Need.GRADIENTS);
    takes(
        new Choice(
            OVER,
            "all",
            List.of("all", "last"),
            "squared gradients are averaged over all images, or are the last one's, as the"
                + " reference has it"),
        GroupGradients.batchNorms(),
        Biases.PARAMETER);
    reduces("mean");
    takesImages();
  }

  @Override
  public long imagesShown(Map<String, String> parameters, long available) {
    return parameters.get(OVER).equals("last") ? Math.min(1, available) : available;
  }

  /** The last image is shown to nobody else. */
  @Override
  public Optional<PassKind> pass(Map<String, String> parameters) {
    return parameters.get(OVER).equals("last")
        ? Optional.empty()
        : Optional.of(PassKind.of(PassKind.Computed.SQUARED_GRADIENTS));
  }

  @Override
  public Optional<Samples> shown(ScoringInput input) {
    return input.parameter(OVER).equals("last")
        ? input.samples().map(Samples::last)
        : input.samples();
  }

  @Override
  public Collector collector(ScoringInput input) {
    return new GroupGradients(
        name(),
        input,
        WeightReading.SQUARED_GRADIENT,
        (weight, square) -> weight * weight * square,
        Power.ONE);
  }
}
