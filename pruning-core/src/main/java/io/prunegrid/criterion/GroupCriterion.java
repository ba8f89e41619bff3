package io.prunegrid.criterion;

import io.prunegrid.criterion.Scores.ClassScores;

/**
 * A criterion that scores classes of coupled channels over all the places where they live, and
 * compares those of a bundle.
 */
abstract class GroupCriterion extends Described {
  GroupCriterion(String name, int version, String summary, Need... needs) {
    super(name, version, summary, needs);
  }

  /** Lets people choose how places become one score, and how a bundle's scores are normalized. */
  final void reduces(String normalizer) {
    takes(
        Reduction.parameter("all places where it lives"),
        Normalizer.parameter(normalizer, "a bundle's scores"));
  }

  static Reduction reduction(ScoringInput input) {
    return Reduction.of(input.parameter(Reduction.NAME));
  }

  @Override
  public final double[] classScores(Scores scores, Ranking ranking) {
    return ClassReductions.normalized(
        ((ClassScores) scores).byChannel(),
        ranking,
        Normalizer.of(ranking.parameter(Normalizer.NAME)));
  }
}
