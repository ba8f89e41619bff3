package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.runtime.TrainingMasks;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The last of several steps ends where a single one does, bundle by bundle. */
class StepwiseTest {
  private static final LayerNumbers NONE = LayerNumbers.NONE;

  @ParameterizedTest
  @CsvSource({
    "shufflenet_v2_x0_5, 64, LOCAL, 2",
    "shufflenet_v2_x0_5, 64, GLOBAL, 2",
    "shufflenet_v2_x0_5, 64, ISOMORPHIC, 3",
    "resnet20, 8, LOCAL, 3",
    "mobilenet_v2, 32, ISOMORPHIC, 2"
  })
  void asManyGoInStepsAsAtOnce(String network, int resolution, Scope scope, int steps) {
    Model model = procedural(network, resolution);
    Pruner.Outcome once = prune(model, "ln", 0.5, config(scope, 1, 1, NONE, NONE));
    Pruner.Outcome stepwise = prune(model, "ln", 0.5, config(scope, 1, steps, NONE, NONE));
    assertThat(once.removed()).isGreaterThan(100);
    if (scope == Scope.LOCAL) {
      assertThat(stepwise.removed()).isEqualTo(once.removed());
      assertThat(left(stepwise)).isEqualTo(left(once));
    } else {
      // other layers would be empty and keep their best
      assertThat((double) stepwise.removed() / once.removed()).isBetween(0.99, 1.01);
    }
  }

  @Test
  void aRatioOfAnyLayerOfABundleHoldsInStepsToo() {
    Model model = procedural("resnet20", 8);
    LayerNumbers ratios = LayerNumbers.parse("layer1.0.conv2=0.75");
    Pruner.Outcome once = prune(model, "ln", 0.25, config(Scope.LOCAL, 1, 1, ratios, NONE));
    Pruner.Outcome twice = prune(model, "ln", 0.25, config(Scope.LOCAL, 1, 2, ratios, NONE));
    assertThat(left(once)).containsEntry("layer1.0.conv2", 4);
    assertThat(left(twice)).isEqualTo(left(once));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 1", "4, 8", "1, 8"})
  void aCapHoldsOverAllStepsAndWhateverIsRounded(int steps, int roundTo) {
    Model model = procedural("resnet20", 8);
    for (double cap : new double[] {0.1, 0.2, 0.5}) {
      LayerNumbers caps = LayerNumbers.parse(String.valueOf(cap));
      SelectionConfig config = config(Scope.LOCAL, roundTo, steps, NONE, caps);
      Pruner.Outcome outcome = prune(model, "ln", 0.6, config);
      outcome
          .layers()
          .forEach(
              (layer, kept) -> {
                int lost = kept.out().of() - kept.out().count();
                assertThat(lost).as(layer).isLessThanOrEqualTo((int) (cap * kept.out().of()));
                assertThat(lost == 0 || kept.out().count() % roundTo == 0).as(layer).isTrue();
              });
      if (roundTo == 1) {
        assertThat(left(outcome)).containsEntry("layer3.1.conv1", 64 - (int) (cap * 64));
      }
    }
  }

  @Test
  void moreStepsThanThereIsToTakeAreRefused() {
    Model model = procedural("small-cnn", 28);
    assertThatThrownBy(() -> prune(model, "ln", 0.5, config(Scope.LOCAL, 1, 1_000_000, NONE, NONE)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("steps is 1000000, but only 224 channels can go");
    assertThatThrownBy(
            () -> prune(model, "magnitude", 0.5, config(Scope.LOCAL, 1, 1_000_000, NONE, NONE)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("weights can go; allowed: at most as many steps");
  }

  private static Model procedural(String network, int resolution) {
    int channels = network.equals("small-cnn") ? 1 : 3;
    ModelGraph graph = Zoo.build(network, new NetworkSize(10, channels, resolution, resolution));
    return new Model(graph, Procedural.weights(graph));
  }

  private static Map<String, Integer> left(Pruner.Outcome outcome) {
    Map<String, Integer> left = new TreeMap<>();
    for (Map.Entry<String, LayerKept> layer : outcome.layers().entrySet()) {
      left.put(layer.getKey(), layer.getValue().out().count());
    }
    return left;
  }

  private static SelectionConfig config(
      Scope scope, int roundTo, int steps, LayerNumbers ratios, LayerNumbers caps) {
    SelectionConfig defaults = SelectionConfig.defaults();
    Limits none = Limits.NONE;
    return new SelectionConfig(
        scope,
        defaults.rounding(),
        defaults.onEmpty(),
        1,
        roundTo,
        List.of(),
        List.of(),
        defaults.ties(),
        defaults.apply(),
        new Limits(
            ratios,
            caps,
            0,
            none.layers(),
            none.zeroParts(),
            none.target(),
            steps,
            none.between(),
            none.layer()));
  }

  private static Pruner.Outcome prune(
      Model model, String name, double ratio, SelectionConfig config) {
    MethodConfig method = SmallCells.method(name, 0, Map.of());
    Criterion criterion = Criteria.named(name);
    Stepwise.Steps steps =
        new Stepwise.Steps() {
          @Override
          public Scores score(Model now, CoupledChannels left) {
            return criterion.score(ScoringInput.of(now, method.parameters()));
          }

          @Override
          public double accuracy(Model now) {
            throw new AssertionError("nothing is evaluated");
          }

          @Override
          public Model retrain(Model now, TrainingMasks masks) {
            throw new AssertionError("nothing is trained");
          }
        };
    CoupledChannels channels = CoupledChannels.of(model.graph());
    return new Stepwise(method, ratio, config, steps)
        .prune(model, channels, steps.score(model, channels));
  }
}
