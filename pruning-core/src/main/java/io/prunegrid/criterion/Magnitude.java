package io.prunegrid.criterion;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The size {@code |w|} of every weight of convolutions and linear layers, the classifier's too,
 * biases not (Han et al. 2015, Learning both Weights and Connections).
 */
final class Magnitude implements Criterion {
  @Override
  public String name() {
    return "magnitude";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public String summary() {
    return "size of each single weight; masks weights instead of removing channels; needs no data";
  }

  @Override
  public Unit unit() {
    return Unit.WEIGHTS;
  }

  @Override
  public Scores score(ScoringInput input) {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    for (Node layer : Layers.producers(input.model().graph())) {
      String name = layer.parameterName("weight");
      float[] values = input.model().weights().get(name).toArray();
      for (int i = 0; i < values.length; i++) {
        values[i] =
            (float)
                Layers.requireFinite(Math.abs(values[i]), name(), "weight " + i + " of " + name);
      }
      parameters.put(name, Tensor.wrap(input.model().weights().get(name).shape(), values));
    }
    return new WeightScores(parameters);
  }

  @Override
  public double[] classScores(Scores scores, CoupledChannels channels, SelectionConfig config) {
    throw new IllegalStateException("magnitude ranks weights, not channels");
  }
}
