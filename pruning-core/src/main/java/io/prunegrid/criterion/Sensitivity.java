package io.prunegrid.criterion;

import io.prunegrid.criterion.TapMeans.Over;
import io.prunegrid.criterion.TapMeans.Sizes;
import io.prunegrid.runtime.Reading;

/**
 * How much the loss reacts to a channel's values: per image {@code sum over positions of
 * |gradient|}, mean over the images (Mittal et al. 2019, as TorchPruner reads it: before batch norm
 * and nonlinearity unless another tap is chosen). Each image has its own cross-entropy loss.
 */
final class Sensitivity extends LayerCriterion implements ImageCriterion {
  Sensitivity() {
    super(
        "sensitivity",
        2,
        "size of the loss's gradient at each channel, on the images of the subset",
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
        name(), input, TapPoint.of(input), new Reading.GradientSize(), Sizes.AS_READ, Over.SUM);
  }
}
