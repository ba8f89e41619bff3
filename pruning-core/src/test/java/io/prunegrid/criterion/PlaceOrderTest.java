package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.Site;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.testing.PruningOracle;
import io.prunegrid.testing.RecordedNetwork;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which of the layers that produce a class comes first. */
class PlaceOrderTest {
  @ParameterizedTest
  @MethodSource("io.prunegrid.testing.RecordedNetwork#names")
  void firstIsTheLayerThatTheReferenceMeetsFirst(String record) {
    RecordedNetwork network = new RecordedNetwork(record);
    CoupledChannels channels = CoupledChannels.of(network.graph());
    PlaceOrder order = new PlaceOrder(channels.graph());
    List<String> roots =
        channels.bundles(network.selection(Scope.LOCAL, 1)).stream()
            .map(bundle -> order.of(channels.classes().get(bundle.classes().get(0))))
            .map(places -> places.get(0))
            .map(Site::layer)
            .toList();
    assertThat(roots).containsExactlyInAnyOrderElementsOf(PruningOracle.read(record).roots());
  }

  @Test
  void producersOfAResidualStreamAreInTheOrderOfTheNetwork() {
    ModelGraph graph = Zoo.build("resnet20", Zoo.publishedSize("resnet20"));
    CoupledChannels channels = CoupledChannels.of(graph);
    PlaceOrder order = new PlaceOrder(graph);
    int stream = channels.outClasses("conv1")[0];
    assertThat(order.producers(channels.classes().get(stream)).stream().map(Site::layer))
        .startsWith("conv1", "layer1.0.conv2", "layer1.1.conv2", "layer1.2.conv2")
        .endsWith("layer3.1.conv2", "layer3.2.conv2")
        .hasSize(10);

    Model model = new Model(graph, Procedural.weights(graph));
    Criterion ln = Criteria.named("ln");
    double[] last =
        ((LayerScores) ln.score(ScoringInput.of(model, parameters(ln)))).of("layer3.2.conv2");
    double[] classes =
        ln.classScores(
            ln.score(ScoringInput.of(model, parameters(ln))),
            new Ranking(channels, SelectionConfig.defaults(), parameters(ln), 0.5));
    int[] ids = channels.outClasses("layer3.2.conv2");
    for (int c = 0; c < ids.length; c++) {
      assertThat(classes[ids[c]]).isEqualTo(last[c]);
    }
  }

  private static SortedMap<String, String> parameters(Criterion ln) {
    return ln.resolve(Map.of("reduction", "last"));
  }
}
