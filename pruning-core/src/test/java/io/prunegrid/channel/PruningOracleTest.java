package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.testing.PruningOracle;
import io.prunegrid.zoo.Zoo;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups, selections and structures agree with what Torch-Pruning recorded. */
class PruningOracleTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"resnet18", "resnet50", "vgg16", "vgg16_bn", "resnet20_inner", "resnet56_inner"})
  void classesAndBundlesAreAsManyAsTheReferenceFinds(String name) {
    PruningOracle oracle = PruningOracle.read(name);
    ModelGraph graph = graph(name);
    CoupledChannels channels = CoupledChannels.of(graph);
    SelectionConfig config = config(name, Scope.LOCAL, 1);
    assertThat(channels.prunable(config)).isEqualTo(oracle.prunableChannels());
    assertThat(channels.bundles(config)).hasSize(oracle.groupCount());
    assertThat(Counts.of(graph).parameters()).isEqualTo(oracle.parameters());
    assertThat(Counts.of(graph).macs()).isEqualTo(oracle.macs());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"resnet18", "resnet50", "vgg16", "vgg16_bn", "resnet20_inner", "resnet56_inner"})
  void recordedScoresLeadToTheRecordedStructures(String name) {
    PruningOracle oracle = PruningOracle.read(name);
    CoupledChannels channels = CoupledChannels.of(graph(name));
    for (String importance : List.of("mag_p1", "mag_p2")) {
      double[] scores = classScores(channels, oracle.scores(importance));
      assertThat(oracle.singleStep(importance)).isNotEmpty();
      for (PruningOracle.Configuration recorded : oracle.singleStep(importance)) {
        SelectionConfig config =
            config(name, recorded.isGlobal() ? Scope.GLOBAL : Scope.LOCAL, recorded.roundTo());
        Selection selection = Selection.select(channels, scores, recorded.ratio(), config);
        String what = name + " " + importance + " " + recorded;
        assertSameKept(what, Removal.kept(channels, selection.removed()), recorded);
        assertThat(Counts.of(Removal.structure(channels, selection.removed())).parameters())
            .as(what)
            .isEqualTo(recorded.parameters());
      }
    }
  }

  private static void assertSameKept(
      String what, Map<String, LayerKept> layers, PruningOracle.Configuration recorded) {
    SoftAssertions softly = new SoftAssertions();
    layers.forEach(
        (layer, kept) -> {
          softly
              .assertThat(kept.out().kept())
              .as(what + " " + layer + " out")
              .isEqualTo(recorded.kept(layer, "out").orElse(all(kept.out())));
          kept.in()
              .ifPresent(
                  in ->
                      softly
                          .assertThat(in.kept())
                          .as(what + " " + layer + " in")
                          .isEqualTo(recorded.kept(layer, "in").orElse(all(in))));
        });
    softly.assertAll();
  }

  private static int[] all(KeptChannels kept) {
    return IntStream.range(0, kept.of()).toArray();
  }

  private static double[] classScores(CoupledChannels channels, Map<String, double[]> byRoot) {
    double[] scores = new double[channels.classes().size()];
    Arrays.fill(scores, Double.NaN);
    byRoot.forEach(
        (root, values) -> {
          int[] ids = channels.outClasses(root);
          assertThat(values).hasSameSizeAs(ids);
          for (int i = 0; i < ids.length; i++) {
            scores[ids[i]] = values[i];
          }
        });
    return scores;
  }

  private static ModelGraph graph(String name) {
    String network = name.replace("_inner", "");
    return Zoo.build(network, Zoo.publishedSize(network));
  }

  private static SelectionConfig config(String name, Scope scope, int roundTo) {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        scope,
        defaults.rounding(),
        OnEmpty.SKIP,
        1,
        roundTo,
        name.endsWith("_inner") ? List.of("conv1", "*.conv2") : List.of(),
        List.of(),
        defaults.ties(),
        defaults.apply());
  }
}
