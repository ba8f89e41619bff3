package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.KeptChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.format.Checkpoints;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.testing.PruningOracle;
import io.prunegrid.testing.Shared;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * From weights to kept channels, {@code group-magnitude} does what Torch-Pruning recorded; its
 * {@code mag_p1} and {@code mag_p2} are our p = 1 and 2.
 */
class RecordedGroupsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"resnet18", "resnet50", "vgg16", "vgg16_bn", "resnet20_inner", "resnet56_inner"})
  void weightsLeadToTheRecordedScoresAndKeptChannels(String name) {
    PruningOracle oracle = PruningOracle.read(name);
    Model model = model(name);
    CoupledChannels channels = CoupledChannels.of(model.graph());
    Criterion criterion = Criteria.named("group-magnitude");
    for (String p : List.of("1", "2")) {
      Scores found = criterion.score(ScoringInput.of(model, criterion.resolve(Map.of("p", p))));
      double[] scores = criterion.classScores(found, channels, config(name, Scope.LOCAL, 1));
      assertSameScores(channels, scores, oracle.scores("mag_p" + p));
      assertThat(oracle.singleStep("mag_p" + p)).isNotEmpty();
      for (PruningOracle.Configuration recorded : oracle.singleStep("mag_p" + p)) {
        SelectionConfig config =
            config(name, recorded.isGlobal() ? Scope.GLOBAL : Scope.LOCAL, recorded.roundTo());
        Selection selection =
            Selection.select(
                channels, criterion.classScores(found, channels, config), recorded.ratio(), config);
        assertSameKept(
            name + " p=" + p + " " + recorded,
            Removal.kept(channels, selection.removed()),
            recorded);
      }
    }
  }

  private static void assertSameScores(
      CoupledChannels channels, double[] scores, Map<String, double[]> byRoot) {
    long compared = 0;
    for (Map.Entry<String, double[]> entry : byRoot.entrySet()) {
      int[] ids = channels.outClasses(entry.getKey());
      for (int i = 0; i < ids.length; i++) {
        double recorded = entry.getValue()[i];
        assertThat(scores[ids[i]])
            .as(entry.getKey() + " channel " + i)
            .isCloseTo(recorded, within(1e-5 * recorded));
        compared++;
      }
    }
    assertThat(compared)
        .isEqualTo(Arrays.stream(scores).filter(score -> !Double.isNaN(score)).count());
  }

  private static void assertSameKept(
      String what, Map<String, LayerKept> kept, PruningOracle.Configuration recorded) {
    kept.forEach(
        (layer, left) -> {
          assertThat(left.out().kept())
              .as(what + " " + layer + " out")
              .isEqualTo(recorded.kept(layer, "out").orElse(all(left.out())));
          left.in()
              .ifPresent(
                  in ->
                      assertThat(in.kept())
                          .as(what + " " + layer + " in")
                          .isEqualTo(recorded.kept(layer, "in").orElse(all(in))));
        });
  }

  private static int[] all(KeptChannels kept) {
    return IntStream.range(0, kept.of()).toArray();
  }

  private static Model model(String name) {
    String network = name.replace("_inner", "");
    ModelGraph graph = Zoo.build(network, Zoo.publishedSize(network));
    return switch (network) {
      case "resnet20" -> trained(graph, "resnet20-12fca82f.th");
      case "resnet56" -> trained(graph, "resnet56-4bfd9763.th");
      default -> new Model(graph, Procedural.weights(graph));
    };
  }

  private static Model trained(ModelGraph graph, String file) {
    return Model.bind(graph, Checkpoints.read(Shared.require("data/weights/" + file)), file);
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
