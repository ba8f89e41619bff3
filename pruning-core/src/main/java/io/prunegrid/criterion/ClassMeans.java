package io.prunegrid.criterion;

import io.prunegrid.criterion.Scores.LayerScores;
import java.util.LinkedHashMap;
import java.util.Map;

/** What most criteria of layers rank. */
public final class ClassMeans {
  private ClassMeans() {}

  /**
   * For each class of coupled channels the mean of its scores over the layers that produce it, by
   * id; NaN for a class that cannot go or that nothing scored.
   */
  public static double[] of(LayerScores scores, Ranking ranking) {
    Map<String, double[]> layers = new LinkedHashMap<>();
    scores.layers().forEach(layer -> layers.put(layer, scores.of(layer)));
    return ClassReductions.over(layers, ranking, Reduction.MEAN);
  }
}
