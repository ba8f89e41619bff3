package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Apply;
import io.prunegrid.channel.SelectionConfig.Rounding;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.runtime.TrainingMasks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/**
 * A network of ten channels whose scores are its weights, 1 to 10, and whose accuracy is made up
 * from how many are left.
 */
class BackingOffTest {
  private final List<Integer> tried = new ArrayList<>();
  private final List<List<Double>> scored = new ArrayList<>();

  @Test
  void aTryThatCostsTooMuchIsHalvedAndOneThatHoldsGoesOnWithScoresTakenAnew() {
    // at least 6 channels are needed: 8, 4, 4 + 4, 4 + 2 and 4 + 1 are tried, the last three fail
    Pruner.Outcome outcome = prune(0.8, "0.9", left -> left >= 6 ? 1 : 0.5);
    assertThat(tried).containsExactly(10, 2, 6, 2, 4, 5);
    assertThat(weights(outcome)).containsExactly(5, 6, 7, 8, 9, 10);
    assertThat(outcome.removed()).isEqualTo(4);
    assertThat(outcome.effect()).isEqualTo(Effect.REMOVED);
    assertThat(outcome.layers().get("filters").out().kept()).containsExactly(4, 5, 6, 7, 8, 9);
    assertThat(scored).containsExactly(List.of(5.0, 6.0, 7.0, 8.0, 9.0, 10.0));
  }

  @Test
  void whatHoldsAtOnceIsTheWholeRatioInOneStep() {
    Pruner.Outcome outcome = prune(0.8, "0.9", left -> 1);
    assertThat(tried).containsExactly(10, 2);
    assertThat(scored).isEmpty();
    assertThat(weights(outcome)).containsExactly(9, 10);
  }

  @Test
  void whereNothingHoldsNothingGoes() {
    Pruner.Outcome outcome = prune(0.8, "1", left -> left == 10 ? 1 : 0.99);
    assertThat(outcome.effect()).isEqualTo(Effect.NONE);
    assertThat(outcome.removed()).isZero();
    assertThat(weights(outcome)).hasSize(10);
  }

  @Test
  void theLimitIsAShareOfTheWholeNetworksAccuracy() {
    assertThat(prune(0.5, "0.5", left -> left == 10 ? 0.6 : 0.3).removed()).isEqualTo(5);
    assertThat(prune(0.5, "0.51", left -> left == 10 ? 0.6 : 0.3).removed()).isZero();
  }

  @Test
  void noMoreThanTheRoundsAreTried() {
    prune(0.8, "0.9", left -> left >= 6 ? 1 : 0.5, "rounds", "2");
    assertThat(tried).containsExactly(10, 2, 6);
    assertThat(scored).isEmpty();
  }

  @Test
  void channelsMustBeTakenOut() {
    SelectionConfig down = config();
    SelectionConfig zero =
        new SelectionConfig(
            down.scope(),
            down.rounding(),
            down.onEmpty(),
            1,
            1,
            List.of(),
            List.of(),
            down.ties(),
            Apply.ZERO);
    Model model = model();
    CoupledChannels channels = CoupledChannels.of(model.graph());
    MethodConfig method = SmallCells.method("tvs", 0, Map.of("accuracy", "0.9"));
    assertThatThrownBy(
            () ->
                new Stepwise(method, 0.5, zero, new MadeUp(left -> 1))
                    .prune(model, channels, scores(model)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("allowed: apply remove");
  }

  private interface Accuracy {
    double of(int left);
  }

  private Pruner.Outcome prune(
      double ratio, String share, Accuracy accuracy, String... parameters) {
    tried.clear();
    Map<String, String> given = new java.util.HashMap<>(Map.of("accuracy", share));
    for (int i = 0; i < parameters.length; i += 2) {
      given.put(parameters[i], parameters[i + 1]);
    }
    Model model = model();
    return new Stepwise(SmallCells.method("tvs", 0, given), ratio, config(), new MadeUp(accuracy))
        .prune(model, CoupledChannels.of(model.graph()), scores(model));
  }

  private static SelectionConfig config() {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        defaults.scope(),
        Rounding.DOWN,
        defaults.onEmpty(),
        1,
        1,
        List.of(),
        List.of(),
        defaults.ties(),
        defaults.apply());
  }

  private final class MadeUp implements Stepwise.Steps {
    private final Accuracy accuracy;

    MadeUp(Accuracy accuracy) {
      this.accuracy = accuracy;
    }

    @Override
    public Scores score(Model model, CoupledChannels channels) {
      scored.add(weights(model).boxed().toList());
      return scores(model);
    }

    @Override
    public double accuracy(Model model) {
      int left = (int) weights(model).count();
      tried.add(left);
      return accuracy.of(left);
    }

    @Override
    public Model retrain(Model model, TrainingMasks masks) {
      throw new AssertionError("nothing is trained");
    }
  }

  private static LayerScores scores(Model model) {
    return new LayerScores(Map.of("filters", weights(model).toArray()));
  }

  private static double[] weights(Pruner.Outcome outcome) {
    return weights(outcome.model()).toArray();
  }

  private static DoubleStream weights(Model model) {
    Tensor weight = model.weights().get("filters.weight");
    return java.util.stream.IntStream.range(0, weight.size()).mapToDouble(weight::at);
  }

  private static Model model() {
    GraphBuilder g = new GraphBuilder(Shape.of(1, 1, 1));
    String x = g.conv("filters", g.input(), 10, 1, 1, 0, Bias.NO);
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", x), 2));
    float[] filters = new float[10];
    for (int i = 0; i < 10; i++) {
      filters[i] = i + 1;
    }
    return new Model(
        graph,
        new Weights(
            Map.of(
                "filters.weight",
                Tensor.wrap(Shape.of(10, 1, 1, 1), filters),
                "head.weight",
                Tensor.wrap(Shape.of(2, 10), new float[20]),
                "head.bias",
                Tensor.wrap(Shape.of(2), new float[2]))));
  }
}
