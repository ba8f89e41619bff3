package io.prunegrid.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.common.SplitMix64;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RatioIntervalTest {
  @Test
  void ranksAreThoseOfTheTablesOfTheSignTest() {
    // two-sided critical values at 1 percent; Conover, Practical Nonparametric Statistics, A3
    assertThat(IntStream.of(7, 8, 10, 11, 12, 15, 20, 25, 30).map(RatioInterval::rank))
        .containsExactly(0, 1, 1, 1, 2, 3, 4, 6, 8);
    assertThat(RatioInterval.FEWEST).isEqualTo(8);
  }

  @Test
  void theIntervalRunsBetweenTheRankedRatios() {
    List<Double> ratios = Stream.iterate(12.0, value -> value - 1).limit(12).toList();
    RatioInterval interval = RatioInterval.of(ratios);

    assertThat(interval).isEqualTo(new RatioInterval(6.5, 2, 11));
    assertThat(interval.halfWidth()).isCloseTo(4.5 / 6.5, within(1e-12));
    assertThat(interval.covers(2)).isTrue();
    assertThat(interval.covers(11.1)).isFalse();
  }

  @Test
  void fewerRatiosThanAnIntervalNeedsAreRefused() {
    assertThatThrownBy(() -> RatioInterval.of(List.of(1.0, 2.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 8");
  }

  @Test
  void intervalsCoverTheMedianAsOftenAsPromisedForASkewedDistribution() {
    SplitMix64 random = new SplitMix64(11);
    int covered = 0;
    int trials = 4000;
    for (int i = 0; i < trials; i++) {
      List<Double> ratios =
          Stream.generate(() -> Math.exp(random.nextGaussian() * 2)).limit(13).toList();
      covered += RatioInterval.of(ratios).covers(1) ? 1 : 0;
    }

    assertThat(covered).isGreaterThanOrEqualTo((int) (0.985 * trials));
  }

  @Test
  void spreadsAreThoseOfTheDefinitions() {
    double[] passes = IntStream.rangeClosed(1, 100).mapToDouble(i -> 101 - i).toArray();
    Spread spread = Spread.of(passes);

    assertThat(spread.median()).isEqualTo(50.5);
    assertThat(spread.percentile95()).isEqualTo(95);
    assertThat(spread.mean()).isEqualTo(50.5);
    assertThat(spread.deviation()).isCloseTo(Math.sqrt(100.0 * 101 / 12), within(1e-9));
    assertThat(spread.passes()).isEqualTo(100);
    assertThat(Spread.of(new double[] {3})).isEqualTo(new Spread(3, 3, 3, 0, 1));
  }
}
