package io.prunegrid.criterion;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.criterion.Scores.ClassScores;

/**
 * A uniform number in [0, 1) for each class of coupled channels, in id order, from the seed's
 * stream {@code method}: the baseline that any criterion must beat.
 */
final class RandomScores extends Described {
  RandomScores() {
    super("random", 1, "chance; another seed, another selection", Need.SEED);
    takes(Normalizer.parameter("none", "a bundle's scores"));
  }

  @Override
  public Scores score(ScoringInput input) {
    SplitMix64 random = SplitMix64.stream(input.seed(), "method");
    double[] values = new double[input.channels().classes().size()];
    for (int id = 0; id < values.length; id++) {
      values[id] = random.nextDouble();
    }
    return new ClassScores(values);
  }

  @Override
  public double[] classScores(Scores scores, Ranking ranking) {
    return ClassReductions.normalized(
        ((ClassScores) scores).byChannel(),
        ranking,
        Normalizer.of(ranking.parameter(Normalizer.NAME)));
  }
}
