package io.prunegrid.criterion;

import io.prunegrid.graph.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a criterion found out about a network, before it is known what will be selected: a function
 * of the network, the images, the parameters and the seed alone, so that cells with other ratios,
 * scopes and ignored layers share it. Immutable.
 */
public sealed interface Scores {

  /** One number for each output channel of convolutions and linear layers. */
  final class LayerScores implements Scores {
    private final Map<String, double[]> layers = new LinkedHashMap<>();

    /**
     * Takes scores by layer name.
     *
     * @param layers in topological order; one number a channel
     */
    public LayerScores(Map<String, double[]> layers) {
      layers.forEach((name, values) -> this.layers.put(name, values.clone()));
    }

    /** Names of the layers, in topological order. */
    public Set<String> layers() {
      return Collections.unmodifiableSet(layers.keySet());
    }

    /** Scores of a layer's output channels. */
    public double[] of(String layer) {
      return values(layer).clone();
    }

    double[] values(String layer) {
      double[] values = layers.get(layer);
      if (values == null) {
        throw new IllegalArgumentException("no layer '" + layer + "' has scores");
      }
      return values;
    }

    boolean contains(String layer) {
      return layers.containsKey(layer);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof LayerScores scores
          && layers.keySet().equals(scores.layers.keySet())
          && layers.entrySet().stream()
              .allMatch(e -> Arrays.equals(e.getValue(), scores.layers.get(e.getKey())));
    }

    @Override
    public int hashCode() {
      return layers.entrySet().stream()
          .mapToInt(e -> e.getKey().hashCode() ^ Arrays.hashCode(e.getValue()))
          .sum();
    }
  }

  /** One number for each class of coupled channels. */
  final class ClassScores implements Scores {
    private final double[] values;

    /**
     * Takes scores by class id.
     *
     * @param values NaN where a class is not scored
     */
    public ClassScores(double[] values) {
      this.values = values.clone();
    }

    /** Scores by class id. */
    public double[] toArray() {
      return values.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ClassScores scores && Arrays.equals(values, scores.values);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(values);
    }
  }

  /**
   * One number for each weight.
   *
   * @param parameters by torch-style name, in topological order, each of its parameter's shape
   */
  record WeightScores(Map<String, Tensor> parameters) implements Scores {
    public WeightScores {
      parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }
  }
}
