package io.prunegrid.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Shape;
import io.prunegrid.testing.SyntheticDataset;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplesTest {
  private static final Samples ALL =
      Samples.all(new SyntheticDataset(Shape.of(1, 2, 2), 103, 10, 1));

  @Test
  void narrowsInFileOrderAndKeepsOriginalLabels() {
    Samples vehicles = ALL.ofClasses(List.of(9, 0, 1, 8));
    assertThat(labels(vehicles.first(5))).containsExactly(0, 1, 8, 9, 0);
    assertThat(indices(vehicles.first(5))).containsExactly(0, 1, 8, 9, 10);
    assertThat(vehicles.classes()).isEqualTo(10);
    assertThat(vehicles.size()).isEqualTo(42);
  }

  @Test
  void remapsInTheOrderGiven() {
    Samples vehicles = ALL.remapped(List.of(9, 0, 1, 8));
    assertThat(labels(vehicles.first(5))).containsExactly(1, 2, 3, 0, 1);
    assertThat(vehicles.classes()).isEqualTo(4);
    assertThat(vehicles.originalLabel(3)).isEqualTo(9);
    assertThat(vehicles.originalClass(3)).isEqualTo(8);
    assertThat(vehicles.countsPerClass()).containsExactly(10, 11, 11, 10);
    assertThat(labels(vehicles.ofClasses(List.of(8)).first(2))).containsExactly(3, 3);
    float[] image = new float[5];
    float[] original = new float[5];
    vehicles.copyImage(3, image, 1);
    ALL.copyImage(9, original, 1);
    assertThat(image).isEqualTo(original);
  }

  @Test
  void takesTheFirstOfEachClassInFileOrder() {
    assertThat(indices(ALL.remapped(List.of(2, 1)).firstPerClass(2))).containsExactly(1, 2, 11, 12);
    assertThat(ALL.firstPerClass(1000).size()).isEqualTo(103);
    assertThat(ALL.first(1000).size()).isEqualTo(103);
    assertThatThrownBy(() -> ALL.first(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void splitsEveryClassInTheSameProportionByTheSeedAlone() {
    Samples.Split split = ALL.split(0.2, 7);
    assertThat(split.validation().size()).isEqualTo(21);
    assertThat(split.validation().countsPerClass()).containsOnly(2, 3);
    assertThat(IntStream.concat(indices(split.train()), indices(split.validation())).sorted())
        .containsExactlyElementsOf(IntStream.range(0, 103).boxed().toList());
    assertThat(indices(split.train())).isSorted();
    assertThat(indices(split.validation())).isSorted();
    assertThat(indices(ALL.split(0.2, 7).validation()))
        .containsExactlyElementsOf(indices(split.validation()).boxed().toList());
    assertThat(indices(ALL.split(0.2, 8).validation()).boxed().toList())
        .isNotEqualTo(indices(split.validation()).boxed().toList());
    assertThat(ALL.split(0, 7).validation().isEmpty()).isTrue();
    assertThat(ALL.split(0.999, 7).validation().size()).isEqualTo(103);
  }

  @Test
  void readsClassesByIndexAndName() {
    List<String> names = List.of("airplane", "automobile", "bird", "T-shirt/top");
    assertThat(Subsets.parse("3, 1,airplane", names)).containsExactly(3, 1, 0);
    assertThat(Subsets.parse("T-shirt/top", names)).containsExactly(3);
    assertThat(Subsets.parse("all", names)).isEmpty();
    assertThatThrownBy(() -> Subsets.parse("12,birt,1,automobile,-1,,99999999999", names))
        .isInstanceOfSatisfying(
            BadInput.class,
            bad ->
                assertThat(bad.problems())
                    .hasSize(6)
                    .anyMatch(p -> p.contains("class 12") && p.contains("0 to 3"))
                    .anyMatch(p -> p.contains("did you mean 'bird'?"))
                    .anyMatch(p -> p.contains("automobile is given twice")));
  }

  private static IntStream indices(Samples samples) {
    return IntStream.range(0, samples.size()).map(samples::index);
  }

  private static IntStream labels(Samples samples) {
    return IntStream.range(0, samples.size()).map(samples::label);
  }
}
