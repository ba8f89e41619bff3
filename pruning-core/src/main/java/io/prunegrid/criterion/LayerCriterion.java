package io.prunegrid.criterion;

import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.graph.Node;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A criterion that scores the output channels of convolutions, depthwise ones too, and linear
 * layers. A class of coupled channels gets the reduction over the layers that produce it, the mean
 * unless another is chosen; before, each layer's scores are normalized where that is asked for.
 */
abstract class LayerCriterion extends Described {
  private String global = "none";

  LayerCriterion(String name, int version, String summary, Need... needs) {
    super(name, version, summary, needs);
  }

  /** Lets people choose how classes are scored; layers are not normalized by default. */
  final void reduces() {
    reduces(Normalizer.parameter("none", "a layer's scores"));
  }

  /** The same, with a normalization of its own in global scope. */
  final void reducesNormalizedInGlobalScope(String normalizer) {
    global = normalizer;
    reduces(Normalizer.automatic(normalizer));
  }

  final void reduces(Parameter normalizer) {
    takes(Reduction.parameter("the layers that produce it"), normalizer);
  }

  /** What becomes of a layer's normalized scores before they are reduced. */
  double[] adjusted(Node layer, double[] normalized, Ranking ranking) {
    return normalized;
  }

  @Override
  public final boolean scoresClasses() {
    return false;
  }

  @Override
  public final double[] classScores(Scores scores, Ranking ranking) {
    String chosen = ranking.parameter(Normalizer.NAME);
    if (chosen.equals(Normalizer.AUTO)) {
      chosen = ranking.config().scope() == Scope.GLOBAL ? global : "none";
    }
    Normalizer normalizer = Normalizer.of(chosen);
    LayerScores layers = (LayerScores) scores;
    Map<String, double[]> ranked = new LinkedHashMap<>();
    for (Node layer : ranking.channels().graph().layers()) {
      if (layers.contains(layer.module())) {
        double[] normalized = normalizer.apply(layers.values(layer.module()));
        ranked.put(layer.module(), adjusted(layer, normalized, ranking));
      }
    }
    return ClassReductions.over(ranked, ranking, Reduction.of(ranking.parameter(Reduction.NAME)));
  }
}
