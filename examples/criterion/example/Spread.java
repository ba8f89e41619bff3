package example;

import io.prunegrid.criterion.ClassMeans;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Parameter;
import io.prunegrid.criterion.Ranking;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A method of one's own: how much the weights of a filter differ from each other. */
public final class Spread implements Criterion {
  private static final String POWER = "power";

  @Override
  public String name() {
    return "spread";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public String summary() {
    return "how much the weights of each filter differ from each other; needs no data";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter.Choice(POWER, "2", List.of("1", "2"), "the power of each difference's size"));
  }

  @Override
  public Scores score(ScoringInput input) {
    int power = Integer.parseInt(input.parameters().get(POWER));
    Map<String, double[]> layers = new LinkedHashMap<>();
    for (Node layer : input.model().graph().layers()) {
      if (layer.op() instanceof Op.Conv2d || layer.op() instanceof Op.Linear) {
        layers.put(
            layer.module(),
            spreads(input.model().weights().get(layer.parameterName("weight")), power));
      }
    }
    return new Scores.LayerScores(layers);
  }

  private static double[] spreads(Tensor weight, int power) {
    double[] spreads = new double[weight.shape().dim(0)];
    int size = weight.size() / spreads.length;
    for (int filter = 0; filter < spreads.length; filter++) {
      double mean = 0;
      for (int i = 0; i < size; i++) {
        mean += weight.at(filter * size + i) / size;
      }
      for (int i = 0; i < size; i++) {
        spreads[filter] += Math.pow(Math.abs(weight.at(filter * size + i) - mean), power) / size;
      }
    }
    return spreads;
  }

  @Override
  public double[] classScores(Scores scores, Ranking ranking) {
    return ClassMeans.of((Scores.LayerScores) scores, ranking);
  }
}
