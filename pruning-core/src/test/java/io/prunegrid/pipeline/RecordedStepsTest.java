package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.KeptChannels;
import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.Target;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Tensor;
import io.prunegrid.testing.PruningOracle;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Five steps, scores taken anew for each, end where Torch-Pruning's five steps ended. */
class RecordedStepsTest {
  @ParameterizedTest
  @ValueSource(strings = {"resnet18", "vgg16_bn"})
  void fiveStepsKeepTheRecordedChannels(String network) {
    PruningOracle oracle = PruningOracle.read(network);
    ModelGraph graph = Zoo.build(network, Zoo.publishedSize(network));
    Model model = new Model(graph, Procedural.weights(graph));
    CoupledChannels channels = CoupledChannels.of(graph);
    Criterion criterion = Criteria.named("group-magnitude");
    MethodConfig method =
        new MethodConfig("group-magnitude", criterion.resolve(Map.of("p", "2")), 0, 0);
    assertThat(oracle.inSteps("mag_p2")).isNotEmpty();
    int layers = 0;
    for (PruningOracle.Configuration recorded : oracle.inSteps("mag_p2")) {
      Stepwise stepwise =
          new Stepwise(
              method,
              recorded.ratio(),
              config(recorded),
              new Stepwise.Steps() {
                @Override
                public Scores score(Model now, CoupledChannels left) {
                  return criterion.score(ScoringInput.of(now, method.parameters()));
                }

                @Override
                public Model retrain(Model now, Map<String, Tensor> masks) {
                  throw new AssertionError("nothing is trained");
                }
              });
      Pruner.Outcome outcome =
          stepwise.prune(
              model, channels, criterion.score(ScoringInput.of(model, method.parameters())));
      outcome
          .layers()
          .forEach(
              (layer, left) ->
                  assertThat(left.out().kept())
                      .as(network + " " + recorded + " " + layer)
                      .isEqualTo(recorded.kept(layer, "out").orElse(all(left.out()))));
      assertThat(outcome.model().parameterCount()).isEqualTo(recorded.parameters());
      layers += outcome.layers().size();
    }
    System.out.println(network + ": " + layers + " layers after five steps");
  }

  private static int[] all(KeptChannels kept) {
    return IntStream.range(0, kept.of()).toArray();
  }

  private static SelectionConfig config(PruningOracle.Configuration recorded) {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        recorded.isGlobal() ? Scope.GLOBAL : Scope.LOCAL,
        defaults.rounding(),
        OnEmpty.SKIP,
        1,
        recorded.roundTo(),
        List.of(),
        List.of(),
        defaults.ties(),
        defaults.apply(),
        new Limits(
            LayerNumbers.NONE,
            LayerNumbers.NONE,
            0,
            Limits.Counted.ALL,
            List.of(),
            Target.NONE,
            5,
            Limits.Between.NOTHING));
  }
}
