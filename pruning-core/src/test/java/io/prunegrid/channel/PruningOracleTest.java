package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.testing.PruningOracle;
import io.prunegrid.testing.RecordedNetwork;
import io.prunegrid.testing.RecordedScores;
import io.prunegrid.testing.RecordedSelection;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Groups, selections and structures agree with what Torch-Pruning recorded. */
class PruningOracleTest {
  @ParameterizedTest
  @MethodSource("io.prunegrid.testing.RecordedNetwork#names")
  void classesAndBundlesAreAsManyAsTheReferenceFinds(String record) {
    PruningOracle oracle = PruningOracle.read(record);
    RecordedNetwork network = new RecordedNetwork(record);
    ModelGraph graph = network.graph();
    CoupledChannels channels = CoupledChannels.of(graph);
    SelectionConfig config = network.selection(Scope.LOCAL, 1);
    assertThat(channels.prunable(config)).isEqualTo(oracle.prunableChannels());
    assertThat(channels.bundles(config)).hasSize(oracle.groupCount());
    assertThat(Counts.of(graph).parameters()).isEqualTo(oracle.parameters());
    assertThat(MacConvention.TORCH_PRUNING.total(graph))
        .isEqualTo(oracle.base().torchPruningMacs());
    if (!record.startsWith("vit")) {
      // that record leaves out the projections inside of attention
      assertThat(Counts.of(graph).macs()).isEqualTo(oracle.macs());
    }
  }

  private static Stream<String> allButDensenet() {
    return RecordedNetwork.names().filter(name -> !name.equals("densenet121"));
  }

  @ParameterizedTest
  @MethodSource("allButDensenet")
  void recordedScoresLeadToTheRecordedStructures(String record) {
    PruningOracle oracle = PruningOracle.read(record);
    RecordedNetwork network = new RecordedNetwork(record);
    CoupledChannels channels = CoupledChannels.of(network.graph());
    for (String importance : List.of("mag_p1", "mag_p2")) {
      double[] scores = new double[channels.classes().size()];
      Arrays.fill(scores, Double.NaN);
      Map<Integer, Double> byClass = RecordedScores.byClass(channels, oracle.scores(importance));
      byClass.forEach((id, score) -> scores[id] = score);
      assertThat(oracle.singleStep(importance)).isNotEmpty();
      for (PruningOracle.Configuration recorded : oracle.singleStep(importance)) {
        Selection selection =
            Selection.select(channels, scores, recorded.ratio(), network.selection(recorded));
        BitSet theirs = RecordedSelection.removed(channels, recorded, network.selection(recorded));
        BitSet quirks = recorded.roundTo() > 1 ? RecordedSelection.grouped(channels) : new BitSet();
        RecordedSelection.exchanges(
                record + ": " + recorded,
                channels,
                byClass,
                RecordedSelection.without(selection.removed(), quirks),
                RecordedSelection.without(theirs, quirks),
                0)
            .forEach(System.out::println);
        assertThat(Counts.of(Removal.structure(channels, theirs)).parameters())
            .as(record + " " + recorded)
            .isEqualTo(recorded.parameters());
      }
    }
  }
}
