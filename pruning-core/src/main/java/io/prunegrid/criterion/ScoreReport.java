package io.prunegrid.criterion;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.criterion.Scores.RankScores;
import io.prunegrid.graph.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Scores of channels laid out by layer, for people and other tools. */
public final class ScoreReport {
  private ScoreReport() {}

  /**
   * One number for each output channel of each layer, in topological order. Criteria that score
   * layers give what they found; for those that score classes of coupled channels, every layer
   * whose output carries a class shows the class's score, null where it has none.
   *
   * @throws IllegalStateException for criteria that rank weights
   */
  public static Map<String, List<Double>> layers(
      Criterion criterion, Scores scores, Ranking ranking) {
    Map<String, List<Double>> report = new LinkedHashMap<>();
    if (scores instanceof LayerScores layers) {
      for (String layer : layers.layers()) {
        List<Double> values = new ArrayList<>();
        for (double value : layers.values(layer)) {
          values.add(value);
        }
        report.put(layer, Collections.unmodifiableList(values));
      }
    } else if (scores instanceof ClassScores || scores instanceof RankScores) {
      return byLayer(criterion.classScores(scores, ranking), ranking.channels());
    } else {
      throw new IllegalStateException(criterion.name() + " ranks weights, not channels");
    }
    return report;
  }

  /** Scores of classes under every layer whose output carries them, null for NaN. */
  public static Map<String, List<Double>> byLayer(double[] classScores, CoupledChannels channels) {
    Map<String, List<Double>> report = new LinkedHashMap<>();
    for (Node layer : channels.graph().layers()) {
      List<Double> values = new ArrayList<>();
      for (int id : channels.outClasses(layer.module())) {
        boolean scored = id != CoupledChannels.NO_CLASS && !Double.isNaN(classScores[id]);
        values.add(scored ? classScores[id] : null);
      }
      report.put(layer.module(), Collections.unmodifiableList(values));
    }
    return report;
  }
}
