package io.prunegrid.criterion;

import io.prunegrid.criterion.WeightPlaces.Biases;

/**
 * Layer-adaptive magnitude for channels (Lee et al. 2021, Layer-Adaptive Sparsity for the
 * Magnitude-based Pruning, as Torch-Pruning carries it over): the mean over places of the sum of
 * squared weights, divided by the sum over the bundle's classes that score no less. The best class
 * of every bundle scores 1, so that global scope empties none before all.
 */
final class Lamp extends GroupCriterion {
  Lamp() {
    super(
        "lamp",
        2,
        "each class's share of the squared weights of those that are no smaller; needs no data");
    takes(Biases.PARAMETER);
    reduces("lamp");
  }

  @Override
  public Scores score(ScoringInput input) {
    return GroupMagnitude.score(name(), input, Power.TWO, Biases.of(input));
  }
}
