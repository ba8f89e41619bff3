package io.prunegrid.criterion;

import io.prunegrid.criterion.TapMeans.Over;
import io.prunegrid.criterion.TapMeans.Sizes;
import io.prunegrid.runtime.Reading;

/**
 * How strongly a channel fires: per image {@code sum over positions of |activation|} behind the
 * layer's batch norm, or its nonlinearity where there is none, mean over the images (Polyak and
 * Wolf 2015; the class-aware benchmark's {@code cap}).
 */
final class Activation extends LayerCriterion implements ImageCriterion {
  Activation() {
    super(
        "activation",
        2,
        "summed size of each channel's activations, on the images of the subset",
        Need.SAMPLES,
        Need.ENGINE,
        Need.TAPS);
    takes(Over.parameter(), TapPoint.parameter(TapPoint.NORM));
    reduces();
    takesImages();
  }

  @Override
  public Collector collector(ScoringInput input) {
    return new TapMeans(
        name(),
        input,
        TapPoint.of(input),
        new Reading.AbsoluteSum(),
        Sizes.AS_READ,
        Over.of(input));
  }
}
