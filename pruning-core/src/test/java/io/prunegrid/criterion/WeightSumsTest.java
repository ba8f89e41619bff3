package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightSumsTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "8, 5, 1, 9",
    "19, 1, 1, 25",
    "16, 600, 1, 1",
    "24, 130, 1, 9",
    "3, 2, 1, 800",
    "7, 1030, 1, 1",
    "12, 3, 4, 4",
    "30, 70, 3, 9",
    "9, 513, 1, 2"
  })
  void everySumAddsItsValuesInTheOrderInWhichTheyLie(int rows, int columns, int bands, int area) {
    SplitMix64 random = new SplitMix64(rows * 31L + columns);
    float[] values = new float[rows * columns * area];
    for (int i = 0; i < values.length; i++) {
      values[i] = (random.nextFloat() - 0.5f) * (float) Math.exp(20 * random.nextFloat());
    }
    Tensor tensor = Tensor.wrap(Shape.of(rows, columns, area), values);
    for (Power power : new Power[] {Power.ONE, Power.TWO, Power.SIGNED}) {
      double[] byRow = new double[rows];
      double[] byColumn = new double[bands * columns];
      for (int i = 0; i < values.length; i++) {
        int row = i / area / columns;
        int column = row / (rows / bands) * columns + i / area % columns;
        byRow[row] = power.add(byRow[row], values[i]);
        byColumn[column] = power.add(byColumn[column], values[i]);
      }
      WeightSums sums =
          WeightSums.of(tensor::copy, new WeightSums.Layout(rows, columns, bands, area), power);
      assertThat(sums.rows()).as("rows, %s", power).isEqualTo(byRow);
      assertThat(sums.columns()).as("columns, %s", power).isEqualTo(byColumn);
    }
  }

  @Test
  void compensatedSumsAreThoseOfStreamsBitForBit() {
    SplitMix64 random = new SplitMix64(5);
    for (int trial = 0; trial < 2000; trial++) {
      double[] values = new double[trial % 40];
      for (int i = 0; i < values.length; i++) {
        values[i] = (random.nextFloat() - 0.5) * Math.exp(60 * random.nextFloat());
      }
      assertSameBits(values);
      if (values.length > 2) {
        values[1] = Double.POSITIVE_INFINITY;
        assertSameBits(values);
        values[2] = trial % 2 == 0 ? Double.NaN : Double.NEGATIVE_INFINITY;
        assertSameBits(values);
      }
    }
  }

  private static void assertSameBits(double[] values) {
    assertThat(Double.doubleToLongBits(Sums.of(values)))
        .isEqualTo(Double.doubleToLongBits(Arrays.stream(values).sum()));
  }
}
