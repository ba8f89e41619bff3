package io.prunegrid.criterion;

import io.prunegrid.common.SplitMix64;
import java.util.stream.IntStream;

/**
 * A uniform number in [0, 1) for each single weight, in topological order, from the seed's stream
 * {@code method}: the baseline for masks.
 */
final class UnstructuredRandom extends WeightCriterion {
  UnstructuredRandom() {
    super(
        "unstructured-random",
        1,
        "chance, for single weights; masks weights instead of removing channels",
        Need.SEED);
    takesWeights();
  }

  @Override
  public Scores score(ScoringInput input) {
    SplitMix64 random = SplitMix64.stream(input.seed(), "method");
    return ranked(
        input,
        (place, block) ->
            IntStream.range(0, block.count()).mapToDouble(i -> random.nextDouble()).toArray());
  }
}
