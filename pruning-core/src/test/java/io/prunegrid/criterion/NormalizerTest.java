package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A normalizer makes layers comparable and leaves each layer's own order alone. */
class NormalizerTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "none",
        "mean",
        "sum",
        "max",
        "l2",
        "standardization",
        "gaussian",
        "sentinel 0",
        "sentinel 0.5"
      })
  void theOrderStaysWhateverTheSigns(String name) {
    for (double[] scores :
        List.of(
            new double[] {3, 1, 2, 5},
            new double[] {-3, -1, -2, -5},
            new double[] {-3, 1, 0.5, -7},
            new double[] {4, -1, -2, 0})) {
      double[] made = Normalizer.of(name).apply(scores);
      assertThat(order(made)).as(name).isEqualTo(order(scores));
    }
  }

  @Test
  void lampIsForSizes() {
    assertThat(Normalizer.of("lamp").apply(new double[] {4, 1, 0}))
        .containsExactly(4.0 / 4, 1.0 / 5, 0);
    assertThatThrownBy(() -> Normalizer.of("lamp").apply(new double[] {4, -1, 0}))
        .isInstanceOf(BadInput.class)
        .hasMessage("normalizer lamp is for scores of at least 0, found -1.0; allowed: another");
  }

  private static List<Integer> order(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> values[i]))
        .toList();
  }
}
