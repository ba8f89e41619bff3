package io.prunegrid.criterion;

import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.channel.Selection;
import io.prunegrid.criterion.Parameter.ByLayer;
import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.graph.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Weights smaller than {@code quality} times their tensor's standard deviation go, whatever the
 * ratio (Han et al. 2015, Learning both Weights and Connections): a score is {@code |w| / (quality
 * std)}, and what is below 1 goes. Neurons that are left without inputs or without readers go with
 * all that they own.
 */
final class Threshold extends WeightCriterion {
  private static final String QUALITY = "quality";
  private static final String IDLE = "idle";

  Threshold() {
    super(
        "threshold",
        2,
        "size of each single weight against its layer's deviation, whatever the ratio; masks"
            + " weights; needs no data");
    takes(
        new ByLayer(
            QUALITY, "1", "how many standard deviations are too small, for all layers or by layer"),
        new Choice(
            IDLE,
            "go",
            List.of("go", "stay"),
            "channels that are left without inputs or without readers"));
    takesParts();
  }

  @Override
  public Selection.Rule rule(Map<String, String> parameters) {
    return Selection.Rule.BELOW_ONE;
  }

  @Override
  public boolean dropsIdle(Map<String, String> parameters) {
    return parameters.get(IDLE).equals("go");
  }

  @Override
  public Scores score(ScoringInput input) {
    LayerNumbers qualities = LayerNumbers.parse(input.parameter(QUALITY));
    return ranked(
        input,
        (place, block) -> {
          Tensor weights = input.model().weights().get(place.name());
          double[] values = Layers.doubles(weights);
          // a layer that no quality is given for loses nothing
          double quality = qualities.of(place.layer().module()).orElse(0);
          double limit = quality * deviation(values);
          for (int i = 0; i < values.length; i++) {
            values[i] = limit == 0 ? 1 : Math.abs(values[i]) / limit;
          }
          return values;
        });
  }

  private static double deviation(double[] values) {
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / values.length);
  }
}
