package io.prunegrid.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import org.junit.jupiter.api.Test;

class InitializationTest {
  private static final ModelGraph VGG = Zoo.build("vgg16_bn", new NetworkSize(10, 3, 32, 32));

  @Test
  void weightsAndBiasesAreUniformWithinOneOverTheRootOfTheFanIn() {
    Weights weights = Initialization.weights(VGG, 7);
    for (String layer : new String[] {"features.3", "features.40", "classifier.6"}) {
      int out = weights.get(layer + ".weight").shape().dim(0);
      double bound = 1 / Math.sqrt(weights.get(layer + ".weight").size() / (double) out);
      assertUniform(weights.get(layer + ".weight"), bound);
      for (float bias : weights.get(layer + ".bias").toArray()) {
        assertThat(bias).isBetween((float) -bound, (float) bound);
      }
    }
  }

  @Test
  void normalizationsBeginAsTheIdentity() {
    Weights weights = Initialization.weights(VGG, 7);
    assertThat(weights.get("features.1.weight").toArray()).containsOnly(1f);
    assertThat(weights.get("features.1.running_var").toArray()).containsOnly(1f);
    assertThat(weights.get("features.1.bias").toArray()).containsOnly(0f);
    assertThat(weights.get("features.1.running_mean").toArray()).containsOnly(0f);
  }

  @Test
  void aLayersValuesDependOnItsNameAndTheSeedAlone() {
    ModelGraph wider = Zoo.build("vgg16_bn", new NetworkSize(10, 1, 64, 64));
    Weights first = Initialization.weights(VGG, 7);
    Weights other = Initialization.weights(wider, 7);
    assertThat(other.get("features.3.weight")).isEqualTo(first.get("features.3.weight"));
    assertThat(Initialization.weights(VGG, 7)).isEqualTo(first);
    assertThat(Initialization.weights(VGG, 8).get("features.3.weight"))
        .isNotEqualTo(first.get("features.3.weight"));
  }

  /** Range, mean, variance and correlation of neighbours, each within five standard errors. */
  private static void assertUniform(Tensor tensor, double bound) {
    int n = tensor.size();
    double sum = 0;
    double squares = 0;
    double neighbours = 0;
    double largest = 0;
    for (int i = 0; i < n; i++) {
      double t = tensor.at(i) / bound;
      sum += t;
      squares += t * t;
      neighbours += i == 0 ? 0 : t * tensor.at(i - 1) / bound;
      largest = Math.max(largest, Math.abs(t));
    }
    assertThat(largest).isBetween(0.99, 1 + 1e-7);
    assertThat(sum / n).isCloseTo(0, within(5 / Math.sqrt(3.0 * n)));
    assertThat(squares / n).isCloseTo(1 / 3.0, within(5 * 0.3 / Math.sqrt(n)));
    assertThat(neighbours / n).isCloseTo(0, within(5 / 3.0 / Math.sqrt(n)));
  }
}
