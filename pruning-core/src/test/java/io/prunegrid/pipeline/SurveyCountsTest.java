package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.Counts;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.Limits.ZeroPart;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Apply;
import io.prunegrid.channel.SelectionConfig.Rounding;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.Target;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Tensor;
import io.prunegrid.zoo.Initialization;
import io.prunegrid.zoo.Zoo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The prunings that a survey counts, on its network, give its counts. */
class SurveyCountsTest {
  private static final List<String> ALL_BUT_FIRST = List.of("conv2", "conv3", "fc*", "bn*");

  private static Model model;
  private static CoupledChannels channels;

  @BeforeAll
  static void build() {
    ModelGraph graph = Zoo.build("survey-cnn", Zoo.publishedSize("survey-cnn"));
    model = new Model(graph, Initialization.weights(graph, 1));
    channels = CoupledChannels.of(graph);
  }

  @Test
  void theNetworkHasItsParameters() {
    assertThat(model.parameterCount()).isEqualTo(15_355_402);
  }

  @ParameterizedTest
  @CsvSource({"magnitude", "unstructured-random"})
  void fortyPercentOfTheFirstLayer(String method) {
    SelectionConfig first = config(Scope.LOCAL, ALL_BUT_FIRST, Limits.NONE);
    assertThat(masked(method, Map.of("parts", "weight,bias"), 0.4, first)).isEqualTo(2_867);
    assertThat(masked(method, Map.of("parts", "weight"), 0.4, first)).isEqualTo(2_765);
  }

  @ParameterizedTest
  @CsvSource({"ln, 0.4, 102", "random, 0.4, 102", "ln, 0.41479, 106", "random, 0.41479, 106"})
  void filtersOfTheFirstLayerZeroedInTheWeightOnly(String method, double amount, int filters) {
    Limits weights = limits(LayerNumbers.NONE, List.of(ZeroPart.WEIGHT));
    Pruner.Outcome outcome =
        prune(
            method,
            Map.of(),
            amount,
            config(Scope.LOCAL, List.of("conv2", "conv3", "fc*"), weights));
    assertThat(outcome.masks().keySet()).containsExactly("conv1.weight");
    assertThat(zeros(outcome.masks().get("conv1.weight"))).isEqualTo(27L * filters);
    assertThat(outcome.model().weights().get("conv1.bias"))
        .isEqualTo(model.weights().get("conv1.bias"));
    assertThat(outcome.model().weights().get("conv2.weight"))
        .isEqualTo(model.weights().get("conv2.weight"));
  }

  @Test
  void thirtyPercentOfConvolutionsAndFortyOfLinearLayers() {
    Limits byLayer = limits(LayerNumbers.parse("conv*=0.3 fc*=0.4"), List.of());
    assertThat(
            masked(
                "magnitude",
                Map.of("parts", "weight,bias"),
                0.5,
                config(Scope.LOCAL, List.of(), byLayer)))
        .isEqualTo(5_550_033);
  }

  @Test
  void threeQuartersOfEverythingPooled() {
    assertThat(
            masked(
                "magnitude",
                Map.of("parts", "weight,bias,norm"),
                0.75,
                config(Scope.GLOBAL, List.of(), Limits.NONE)))
        .isEqualTo(11_516_552);
  }

  @Test
  void everyOtherEntryOfTheFirstLayer() {
    assertThat(
            masked(
                "pattern",
                Map.of("rule", "every-other", "parts", "weight,bias"),
                0.5,
                config(Scope.LOCAL, ALL_BUT_FIRST, Limits.NONE)))
        .isEqualTo(3_584);
  }

  @Test
  void theLargestNetworkThatMeetsATargetIsFound() {
    long whole = Counts.of(model.graph()).macs();
    for (Scope scope : Scope.values()) {
      Limits target =
          new Limits(
              LayerNumbers.NONE,
              LayerNumbers.NONE,
              0,
              Limits.Counted.ALL,
              List.of(),
              Target.parse("macs=0.5"),
              1,
              Limits.Between.NOTHING,
              Limits.ALL_LAYERS);
      Pruner.Outcome met =
          prune("ln", Map.of("normalizer", "mean"), 0.9, channelsOut(scope, target));
      long macs = Counts.of(met.model().graph()).macs();
      assertThat(macs).isLessThanOrEqualTo(whole / 2);
      // one class less, and it would not
      assertThat(macs).isGreaterThan(whole / 2 - whole / 100);
    }
  }

  private static SelectionConfig channelsOut(Scope scope, Limits limits) {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        scope,
        defaults.rounding(),
        defaults.onEmpty(),
        1,
        1,
        List.of(),
        List.of(),
        defaults.ties(),
        Apply.REMOVE,
        limits);
  }

  private static Limits limits(LayerNumbers ratios, List<ZeroPart> parts) {
    return new Limits(
        ratios,
        LayerNumbers.NONE,
        0,
        Limits.Counted.ALL,
        parts,
        Target.NONE,
        1,
        Limits.Between.NOTHING,
        Limits.ALL_LAYERS);
  }

  private static SelectionConfig config(Scope scope, List<String> ignored, Limits limits) {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        scope,
        Rounding.NEAREST,
        defaults.onEmpty(),
        1,
        1,
        ignored,
        List.of(),
        defaults.ties(),
        Apply.ZERO,
        limits);
  }

  private static Pruner.Outcome prune(
      String method, Map<String, String> given, double ratio, SelectionConfig config) {
    Criterion criterion = Criteria.named(method);
    MethodConfig chosen = new MethodConfig(method, new TreeMap<>(criterion.resolve(given)), 0, 0);
    return Pruner.prune(
        model,
        channels,
        chosen,
        criterion.score(ScoringInput.of(model, criterion.resolve(given))),
        ratio,
        config);
  }

  private static long masked(
      String method, Map<String, String> given, double ratio, SelectionConfig config) {
    Pruner.Outcome outcome = prune(method, given, ratio, config);
    long zeros = outcome.masks().values().stream().mapToLong(SurveyCountsTest::zeros).sum();
    assertThat(outcome.removed()).isEqualTo(zeros);
    return zeros;
  }

  private static long zeros(Tensor mask) {
    long zeros = 0;
    for (int i = 0; i < mask.size(); i++) {
      zeros += mask.at(i) == 0 ? 1 : 0;
    }
    return zeros;
  }
}
