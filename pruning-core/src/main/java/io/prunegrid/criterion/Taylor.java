package io.prunegrid.criterion;

import io.prunegrid.criterion.TapMeans.Over;
import io.prunegrid.criterion.TapMeans.Sizes;
import io.prunegrid.runtime.Reading;

/**
 * How much the loss would change to first order if a channel were silenced: per image {@code |sum
 * over positions of gradient x activation|}, mean over the images (Molchanov et al. 2017; read as
 * TorchPruner does, by default before batch norm and nonlinearity and with a sum over positions).
 * Each image has its own cross-entropy loss, so that batches leave no trace. Evaluation mode.
 */
final class Taylor extends LayerCriterion implements ImageCriterion {
  Taylor() {
    super(
        "taylor",
        2,
        "first-order effect on the loss of silencing each channel, on the images of the subset",
        Need.SAMPLES,
        Need.LABELS,
        Need.ENGINE,
        Need.TAPS,
        Need.GRADIENTS);
    takes(TapPoint.parameter(TapPoint.LAYER));
    reducesNormalizedInGlobalScope("l2");
    takesImages();
  }

  @Override
  public Collector collector(ScoringInput input) {
    return new TapMeans(
        name(), input, TapPoint.of(input), new Reading.Effect(), Sizes.ABSOLUTE, Over.SUM);
  }
}
