package io.prunegrid.criterion;

import io.prunegrid.channel.Side;
import io.prunegrid.graph.Filters;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.Engine;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Distances of the filters of one layer to each other, after those of small norm are set apart. */
final class LayerDistances {
  private final Engine engine;
  private final Tensor weight;
  private final Filters filters;
  private final boolean squares;

  LayerDistances(ScoringInput input, Node layer, String criterion) {
    weight = input.model().weights().get(layer.parameterName("weight"));
    filters = Filters.of(layer.op(), weight.shape());
    squares = input.parameter("power").equals("2");
    engine = input.requiredEngine(criterion);
  }

  /**
   * A score for each filter. Those set apart come first, by their norm, then all others by the sum
   * of their distances to each other. With none set apart a score is that sum; otherwise the sum
   * plus its mean, and what is set apart lies below the mean.
   *
   * @param share of the filters that is set apart, rounded down, in [0, 1)
   */
  double[] scores(double share) {
    int n = filters.outputs();
    int apart = (int) Math.floor(n * share + 1e-9);
    List<Integer> least =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(this::squaredNorm))
            .limit(apart)
            .toList();
    BitSet set = new BitSet(n);
    least.forEach(set::set);
    int[] rest = IntStream.range(0, n).filter(i -> !set.get(i)).toArray();
    double[] sums = engine.distanceSums(new PlaceVectors(weight, filters, Side.OUT, rest, squares));
    double mean = 0;
    for (double sum : sums) {
      mean += sum / rest.length;
    }
    double offset = apart == 0 ? 0 : mean > 0 ? mean : 1;
    double[] scores = new double[n];
    for (int i = 0; i < rest.length; i++) {
      scores[rest[i]] = offset + sums[i];
    }
    for (int rank = 0; rank < apart; rank++) {
      scores[least.get(rank)] = offset * (rank + 1) / (apart + 1);
    }
    return scores;
  }

  private double squaredNorm(int filter) {
    double sum = 0;
    for (int i = 0; i < filters.perOutput(); i++) {
      double value = weight.at(filters.output(filter, i));
      sum += value * value;
    }
    return sum;
  }
}
