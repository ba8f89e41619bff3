package io.prunegrid.criterion;

import io.prunegrid.criterion.Collector.Seen;
import io.prunegrid.criterion.WeightPlaces.Biases;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.Tap;
import io.prunegrid.runtime.WeightReading;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;

/** From sums over images of gradients of weights to scores of classes of coupled channels. */
final class GroupGradients implements Collector {
  private final String criterion;
  private final ScoringInput input;
  private final WeightReading reading;
  private final DoubleBinaryOperator value;
  private final Power power;

  /**
   * Looks at what a pass adds up.
   *
   * @param value what a weight and its mean over the images come to
   * @param power how values of a place are added
   */
  GroupGradients(
      String criterion,
      ScoringInput input,
      WeightReading reading,
      DoubleBinaryOperator value,
      Power power) {
    this.criterion = criterion;
    this.input = input;
    this.reading = reading;
    this.value = value;
    this.power = power;
  }

  /** Whether batch norms count. */
  static Parameter batchNorms() {
    return new Parameter.Choice(
        "batch-norm",
        "count",
        List.of("count", "left-out"),
        "whether scales of batch norms count; the reference leaves them out");
  }

  @Override
  public Set<Tap> taps() {
    return Set.of();
  }

  @Override
  public Set<WeightReading> weights() {
    return Set.of(reading);
  }

  @Override
  public void add(Batch batch) {}

  @Override
  public Scores scores(Seen seen) {
    Map<String, double[]> sums = seen.weights().get(reading);
    PlaceScores places = new PlaceScores(criterion);
    WeightPlaces weights = new WeightPlaces(places, input.channels(), power, Biases.of(input));
    boolean norms = !"left-out".equals(input.parameters().get("batch-norm"));
    for (Node layer : input.model().graph().layers()) {
      if (norms || !(layer.op() instanceof Op.BatchNorm2d)) {
        weights.add(layer, spec -> values(layer.parameterName(spec), sums, seen.images()));
      }
    }
    return places.reduced(input.channels(), GroupCriterion.reduction(input));
  }

  private WeightSums.Values values(String name, Map<String, double[]> sums, int images) {
    Tensor weights = input.model().weights().get(name);
    double[] sum = sums.get(name);
    return (from, to, count) -> {
      for (int i = 0; i < count; i++) {
        to[i] = value.applyAsDouble(weights.at(from + i), sum[from + i] / images);
      }
    };
  }
}
