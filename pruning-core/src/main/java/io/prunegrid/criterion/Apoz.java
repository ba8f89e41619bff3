package io.prunegrid.criterion;

import io.prunegrid.criterion.TapMeans.Over;
import io.prunegrid.criterion.TapMeans.Sizes;
import io.prunegrid.runtime.Reading;

/**
 * How often a channel is active: the number of positions above zero, mean over the images (Hu et
 * al. 2016, Network Trimming, turned round so that what is rarely active scores lowest). Read as
 * TorchPruner does, as a count and before batch norm and nonlinearity, unless told otherwise.
 */
final class Apoz extends LayerCriterion implements ImageCriterion {
  Apoz() {
    super(
        "apoz",
        2,
        "number of positions at which each channel is positive, on the images of the subset",
        Need.SAMPLES,
        Need.ENGINE,
        Need.TAPS);
    takes(Over.parameter(), TapPoint.parameter(TapPoint.LAYER));
    reducesNormalizedInGlobalScope("l2");
    takesImages();
  }

  @Override
  public Collector collector(ScoringInput input) {
    return new TapMeans(
        name(),
        input,
        TapPoint.of(input),
        new Reading.PositiveCount(),
        Sizes.AS_READ,
        Over.of(input));
  }
}
