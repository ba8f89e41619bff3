package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.channel.SelectionConfig.Rounding;
import io.prunegrid.common.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShareTest {
  @ParameterizedTest
  @CsvSource({
    "100, 0.29, UP, 29",
    "100, 0.29, DOWN, 29",
    "100, 0.29, NEAREST, 29",
    "10, 0.25, UP, 3",
    "10, 0.25, DOWN, 2",
    "10, 0.25, NEAREST, 2",
    "10, 0.35, NEAREST, 4",
    "10, 0.45, NEAREST, 4",
    "10, 0.55, NEAREST, 6",
    "7, 0.5, UP, 4",
    "7, 0.5, DOWN, 3",
    "1, 0.01, UP, 1",
    "1, 0.99, DOWN, 0",
    "64, 0, UP, 0",
    "0, 0.5, UP, 0",
    "1000, 0.999, UP, 999",
    "10, 0.30000000000000004, UP, 3",
    "10, 0.29999999999999999, DOWN, 3",
    "138000000, 0.3, UP, 41400000",
    "138000000, 0.7, DOWN, 96600000"
  })
  void aRatioRemovesThatMany(long n, double ratio, Rounding rounding, long removed) {
    assertThat(Share.removed(n, ratio, rounding)).isEqualTo(removed);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 1.2, -0.1, Double.NaN, Double.POSITIVE_INFINITY})
  void ratiosOutsideOfZeroToOneAreRefused(double ratio) {
    assertThatThrownBy(() -> Share.check(ratio))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("ratio")
        .hasMessageContaining(String.valueOf(ratio));
  }

  @Test
  void everyCountAgreesWithPlainArithmetic() {
    for (int n = 0; n < 300; n++) {
      for (int percent = 0; percent < 100; percent++) {
        int kept = n * (100 - percent) / 100;
        assertThat(Share.removed(n, percent / 100.0, Rounding.UP)).isEqualTo(n - kept);
        assertThat(Share.removed(n, percent / 100.0, Rounding.DOWN)).isEqualTo(n * percent / 100);
      }
    }
  }
}
