package io.prunegrid.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.pipeline.CellConfig;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SingleCellTest {
  private static Sweep sweep(Map<String, String> options, String... overrides) {
    return new SingleCell(new TreeMap<>(options), List.of(overrides), new FakeVocabulary()).sweep();
  }

  private static final Map<String, String> CELL =
      Map.of(
          "model",
          "resnet20",
          "weights",
          "procedural",
          "data",
          "fashion",
          "method",
          "ln",
          "ratio",
          "0.50",
          "subset",
          "0,ship");

  @Test
  void oneCellWithoutAFileIsASweepOfOneCell() {
    Sweep sweep = sweep(CELL, "p=2", "ties=all", "retrain.epochs=3", "keep-models=true");

    assertThat(sweep.name()).isEqualTo("single");
    assertThat(sweep.results()).isEqualTo("results/single");
    assertThat(sweep.models()).isEqualTo(Sweep.KeepModels.YES);
    CellConfig cell = sweep.cells().get(0).config();
    assertThat(sweep.cells()).hasSize(1);
    assertThat(cell.ratio()).isEqualTo(0.5);
    assertThat(cell.subset().classes()).containsExactly(0, 8);
    assertThat(cell.method().parameters()).containsEntry("p", "2");
    assertThat(cell.selection().ties()).isEqualTo(SelectionConfig.Ties.ALL);
    assertThat(cell.retrain().epochs()).isEqualTo(3);
    assertThat(cell.seed()).isZero();
  }

  @Test
  void itIsCheckedAsASweepFileIsWithTheOptionsNamed() {
    assertThatThrownBy(
            () ->
                sweep(
                    Map.of(
                        "model", "resnet21", "data", "cifar10:/no", "method", "ln", "ratio", "2"),
                    "p=3",
                    "retrain.epoch=1",
                    "seds=1"))
        .isInstanceOfSatisfying(
            BadInput.class,
            bad ->
                assertThat(bad.problems())
                    .hasSize(7)
                    .anySatisfy(p -> assertThat(p).startsWith("--model: unknown model 'resnet21'"))
                    .anySatisfy(p -> assertThat(p).startsWith("--data: data 'cifar10:/no'"))
                    .anySatisfy(p -> assertThat(p).startsWith("--ratio is \"2\"; allowed: "))
                    .anySatisfy(p -> assertThat(p).startsWith("--set p: ln p is 3"))
                    .anySatisfy(p -> assertThat(p).contains("did you mean 'epochs'?"))
                    .anySatisfy(p -> assertThat(p).contains("did you mean 'seeds'?")));
    assertThatThrownBy(() -> sweep(Map.of("model", "resnet20", "weights", "procedural")))
        .hasMessageContaining("the command line: sweep.methods is missing")
        .hasMessageContaining("the command line: sweep.data is missing");
  }
}
