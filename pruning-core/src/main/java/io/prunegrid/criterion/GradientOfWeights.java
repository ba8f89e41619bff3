package io.prunegrid.criterion;

import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.Tap;
import io.prunegrid.runtime.WeightReading;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;

/**
 * A function of each weight and of its mean gradient over the images: {@code |g|}, the size of the
 * gradient, or {@code |w g|}, the first-order effect on the loss of setting the weight to zero
 * (Molchanov et al. 2019). The loss is cross-entropy; evaluation mode.
 */
final class GradientOfWeights extends WeightCriterion implements ImageCriterion {
  private final DoubleBinaryOperator score;

  private GradientOfWeights(String name, String summary, DoubleBinaryOperator score) {
    super(name, 1, summary, Need.SAMPLES, Need.LABELS, Need.ENGINE, Need.GRADIENTS);
    this.score = score;
    takesWeights();
    takesImages();
  }

  static GradientOfWeights gradient() {
    return new GradientOfWeights(
        "unstructured-gradient",
        "size of the loss's gradient at each single weight; masks weights",
        (weight, gradient) -> Math.abs(gradient));
  }

  static GradientOfWeights taylor() {
    return new GradientOfWeights(
        "unstructured-taylor",
        "first-order effect on the loss of zeroing each single weight; masks weights",
        (weight, gradient) -> Math.abs(weight * gradient));
  }

  @Override
  public Collector collector(ScoringInput input) {
    return new Collector() {
      @Override
      public Set<Tap> taps() {
        return Set.of();
      }

      @Override
      public Set<WeightReading> weights() {
        return Set.of(WeightReading.GRADIENT);
      }

      @Override
      public void add(Batch batch) {}

      @Override
      public Scores scores(Seen seen) {
        Map<String, double[]> sums = seen.weights().get(WeightReading.GRADIENT);
        return ranked(
            input,
            (place, block) -> {
              Tensor weights = input.model().weights().get(place.name());
              double[] gradients = sums.get(place.name());
              double[] values = new double[gradients.length];
              for (int i = 0; i < values.length; i++) {
                values[i] = score.applyAsDouble(weights.at(i), gradients[i] / seen.images());
              }
              return values;
            });
      }
    };
  }
}
