package io.prunegrid.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.data.Samples;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.SyntheticDataset;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
  private static final Engine ENGINE = Engine.open(ComputeDevice.CPU);

  @AfterAll
  static void close() {
    ENGINE.close();
  }

  /** Answers these logits whatever the image; data labels are 0 to k-1 in turn. */
  private static Model constant(float... logits) {
    GraphBuilder builder = new GraphBuilder(Shape.of(1, 2, 2));
    ModelGraph graph =
        builder.build(builder.linear("fc", builder.flatten("flat", "input"), logits.length));
    return new Model(
        graph,
        new Weights(
            Map.of(
                "fc.weight",
                Tensor.zeros(Shape.of(logits.length, 4)),
                "fc.bias",
                Tensor.of(Shape.of(logits.length), logits))));
  }

  private static Samples samples(int n, int classes) {
    return Samples.all(new SyntheticDataset(Shape.of(1, 2, 2), n, classes, 1));
  }

  @Test
  void theFirstOfEqualOutputsIsTheAnswer() {
    Evaluation evaluation = Evaluator.evaluate(ENGINE, constant(0, 2, 2), samples(7, 3));
    assertThat(evaluation.correct()).isEqualTo(2);
    assertThat(evaluation.correctTop5()).isEmpty();
    assertThat(evaluation.perClass())
        .containsExactly(
            new ClassAccuracy(0, 3, 0), new ClassAccuracy(1, 2, 2), new ClassAccuracy(2, 2, 0));
  }

  @Test
  void fiveAnswersCountWhereThereAreMoreOutputs() {
    Evaluation evaluation =
        Evaluator.evaluate(ENGINE, constant(1, 6, 2, 5, 3, 4, 1), samples(700, 7));
    assertThat(evaluation.n()).isEqualTo(700);
    assertThat(evaluation.correct()).isEqualTo(100);
    assertThat(evaluation.correctTop5()).isEqualTo(OptionalInt.of(500));
    assertThat(evaluation.top1Percent()).isEqualTo(100 / 7.0);
  }

  @Test
  void anAnswerThatIsNoNumberIsWrong() {
    Evaluation evaluation =
        Evaluator.evaluate(ENGINE, constant(1, Float.NaN, 0, 0, 0, 0), samples(60, 6));
    assertThat(evaluation.correct()).isZero();
    assertThat(evaluation.correctTop5()).isEqualTo(OptionalInt.of(0));
  }

  @Test
  void aReducedHeadIsCountedByOriginalClass() {
    Samples subset = samples(40, 10).remapped(List.of(7, 2));
    Evaluation evaluation = Evaluator.evaluate(ENGINE, constant(3, 1), subset);
    assertThat(evaluation.perClass())
        .containsExactly(new ClassAccuracy(2, 4, 0), new ClassAccuracy(7, 4, 4));
    Evaluation whole =
        Evaluator.evaluate(
            ENGINE,
            constant(0, 0, 0, 0, 0, 0, 0, 9, 0, 0),
            samples(40, 10).ofClasses(List.of(7, 2)));
    assertThat(whole.perClass()).isEqualTo(evaluation.perClass());
  }

  @Test
  void imagesAndTargetsMustFitTheModel() {
    assertThatThrownBy(() -> Evaluator.evaluate(ENGINE, constant(0, 1), samples(4, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("target 2");
    Samples larger = Samples.all(new SyntheticDataset(Shape.of(1, 3, 3), 4, 2, 1));
    assertThatThrownBy(() -> Evaluator.evaluate(ENGINE, constant(0, 1), larger))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(1x3x3)");
  }

  @Test
  void anInterruptedThreadStops() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Evaluator.evaluate(ENGINE, constant(0, 1), samples(4, 2)))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
