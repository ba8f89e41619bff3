package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.pipeline.MethodConfig;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.PruningOracle;
import io.prunegrid.testing.RecordedMethods;
import io.prunegrid.testing.RecordedNetwork;
import io.prunegrid.testing.RecordedScores;
import io.prunegrid.testing.Shared;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What Torch-Pruning recorded of a network that it couples wrongly still holds inside of blocks.
 */
class RecordedGroupsTest {
  @Test
  void innerGroupsScoreAsInTheWholeNetwork() {
    Samples images =
        Samples.all(Datasets.open("cifar10:" + Shared.require("data/cifar10-jpeg")).test());
    PruningOracle oracle = PruningOracle.read("resnet20_grad");
    RecordedNetwork network = new RecordedNetwork("resnet20_inner_grad");
    Model model = network.model();
    CoupledChannels channels = CoupledChannels.of(model.graph());
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      for (String importance : oracle.importances()) {
        MethodConfig method = RecordedMethods.of(importance);
        Criterion criterion = Criteria.named(method.name());
        Scores scores =
            criterion.score(
                new ScoringInput(
                    model,
                    channels,
                    method.parameters(),
                    Optional.of(images.first(64)),
                    Optional.of(engine),
                    0));
        Ranking ranking =
            new Ranking(channels, network.selection(Scope.LOCAL, 1), method.parameters(), 0);
        double[] found = criterion.classScores(scores, ranking);
        Map<String, double[]> inner = new LinkedHashMap<>(oracle.scores(importance));
        inner.keySet().removeIf(root -> !root.endsWith(".conv1"));
        assertThat(inner).hasSize(9);
        RecordedScores.assertSame(channels, found, found, inner, importance);
      }
    }
  }
}
