package io.prunegrid.criterion;

import io.prunegrid.channel.Block;
import io.prunegrid.graph.Tensor;
import java.util.Arrays;
import java.util.BitSet;
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

  /**
   * One number for each class of coupled channels, or one for each of its channels, where groups
   * must stay equal and a class has a channel in each.
   */
  final class ClassScores implements Scores {
    private final double[][] values;

    /**
     * Takes scores by class id.
     *
     * @param values NaN where a class is not scored
     */
    public ClassScores(double[] values) {
      this(Arrays.stream(values).mapToObj(value -> new double[] {value}).toArray(double[][]::new));
    }

    /**
     * Takes scores by class id and channel.
     *
     * @param values at least one for each class; all NaN where it is not scored
     */
    public ClassScores(double[][] values) {
      this.values = Arrays.stream(values).map(double[]::clone).toArray(double[][]::new);
    }

    /** Scores by class id, the mean over the class's channels. */
    public double[] toArray() {
      return Arrays.stream(values).mapToDouble(ClassScores::mean).toArray();
    }

    /** Scores by class id and channel. */
    public double[][] byChannel() {
      return Arrays.stream(values).map(double[]::clone).toArray(double[][]::new);
    }

    static double mean(double[] channels) {
      return Sums.of(channels) / channels.length;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ClassScores scores && Arrays.deepEquals(values, scores.values);
    }

    @Override
    public int hashCode() {
      return Arrays.deepHashCode(values);
    }
  }

  /** How many images gave each class of coupled channels each rank in its bundle. */
  final class RankScores implements Scores {
    private final int[][] counts;

    /**
     * Takes counts by class id.
     *
     * @param counts how many images ranked the class first, second, ... from the lowest; empty
     *     where a class is not scored
     */
    public RankScores(int[][] counts) {
      this.counts = Arrays.stream(counts).map(int[]::clone).toArray(int[][]::new);
    }

    /** Counts by class id and rank. */
    public int[][] toArray() {
      return Arrays.stream(counts).map(int[]::clone).toArray(int[][]::new);
    }

    /** How many images gave the class a rank above {@code lowest}; NaN where it is not scored. */
    double above(int id, int lowest) {
      int[] own = counts[id];
      return own.length == 0 ? Double.NaN : Arrays.stream(own, lowest, own.length).sum();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof RankScores scores && Arrays.deepEquals(counts, scores.counts);
    }

    @Override
    public int hashCode() {
      return Arrays.deepHashCode(counts);
    }
  }

  /**
   * One number for each weight, or for each block of weights.
   *
   * @param parameters by torch-style name, in topological order, each of its parameter's shape, or
   *     of its blocks' grid
   * @param blocks of parameters whose weights go or stay in blocks
   * @param spared by parameter name, weights or blocks that stay although they are selected
   */
  record WeightScores(
      Map<String, Tensor> parameters, Map<String, Block> blocks, Map<String, BitSet> spared)
      implements Scores {
    public WeightScores {
      parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
      blocks = Collections.unmodifiableMap(new LinkedHashMap<>(blocks));
      spared = Collections.unmodifiableMap(new LinkedHashMap<>(spared));
    }

    /** Single weights, none spared. */
    public WeightScores(Map<String, Tensor> parameters) {
      this(parameters, Map.of(), Map.of());
    }
  }
}
