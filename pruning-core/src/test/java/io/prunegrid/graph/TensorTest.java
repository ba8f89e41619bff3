package io.prunegrid.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.SplitMix64;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 8, 9, 30})
  void selectingAlongTwoDimensionsIsSelectingAlongOneAfterTheOther(int inner) {
    Shape shape = Shape.of(11, 13, inner);
    SplitMix64 random = new SplitMix64(inner);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    Tensor tensor = Tensor.wrap(shape, values);
    int[] rows = some(random, 11);
    int[] columns = some(random, 13);
    Tensor selected = tensor.select(rows, columns);
    assertThat(selected).isEqualTo(tensor.select(0, rows).select(1, columns));
    assertThat(selected.shape()).isEqualTo(Shape.of(rows.length, columns.length, inner));
    for (int i = 0; i < selected.size(); i++) {
      int row = rows[i / inner / columns.length];
      int column = columns[i / inner % columns.length];
      assertThat(selected.at(i)).isEqualTo(values[(row * 13 + column) * inner + i % inner]);
    }
  }

  private static int[] some(SplitMix64 random, int of) {
    return IntStream.range(0, of).filter(i -> i == 0 || random.nextFloat() < 0.6f).toArray();
  }
}
