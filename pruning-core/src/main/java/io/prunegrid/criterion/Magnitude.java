package io.prunegrid.criterion;

import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.criterion.Parameter.Decimal;
import io.prunegrid.criterion.Parameter.Numbers;
import io.prunegrid.graph.Tensor;
import java.util.List;
import java.util.Map;

/**
 * The size {@code |w|} of every weight of layers, the classifier's too, biases and normalizations
 * where that is asked (Han et al. 2015, Learning both Weights and Connections). Squares with the
 * normalizer lamp are layer-adaptive sparsity (Lee et al. 2021, LAMP).
 */
final class Magnitude extends WeightCriterion {
  static final String ALIGN = "align";
  private static final String POWER = "p";

  Magnitude() {
    super(
        "magnitude",
        2,
        "size of each single weight; masks weights instead of removing channels; needs no data");
    takesWeights();
    takes(
        new Choice(
            POWER,
            "1",
            List.of("1", "2"),
            "the power of each weight's size; normalizers other than none tell them apart"));
    takes(alignment());
  }

  static Parameter alignment() {
    return new Decimal(
        ALIGN,
        "1",
        1,
        Double.POSITIVE_INFINITY,
        Numbers.WHOLE,
        "what stays of a pool is rounded down to a multiple of this");
  }

  @Override
  public int alignment(Map<String, String> parameters) {
    return Integer.parseInt(parameters.get(ALIGN));
  }

  @Override
  public Scores score(ScoringInput input) {
    return ranked(
        input,
        (place, block) -> {
          Tensor weights = input.model().weights().get(place.name());
          return sums(weights, block, Power.of(input.parameter(POWER)));
        });
  }
}
