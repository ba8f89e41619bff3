package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.criterion.Scores.RankScores;
import io.prunegrid.testing.Races;
import java.util.BitSet;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a ranking depends on the ratio, it depends on the ratio that the layer itself has. */
class OwnRatioRanksTest {
  private final CoupledChannels channels = CoupledChannels.of(Tiny.model().graph());
  private final Criterion ocap = Criteria.named("ocap");
  private final Map<String, String> frequency = Map.of("keep", "frequency");

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void aLayersOwnRatioRanksItAsThatRatioDoes(int seed) {
    RankScores counts = Races.run(channels, seed);
    SelectionConfig plain = SelectionConfig.defaults();
    SelectionConfig own = plain.with(Limits.NONE.withRatios(LayerNumbers.parse("grouped=0.7")));
    BitSet expected = selected(counts, 0.2, plain);
    BitSet high = selected(counts, 0.7, plain);
    for (Bundle bundle : channels.bundles(plain)) {
      if (bundle.layers().contains("grouped")) {
        bundle.classes().forEach(id -> expected.set(id, high.get(id)));
      }
    }
    assertThat(selected(counts, 0.2, own)).isEqualTo(expected);
  }

  private BitSet selected(RankScores counts, double ratio, SelectionConfig config) {
    Ranking ranking = new Ranking(channels, config, ocap.resolve(frequency), ratio);
    return Selection.select(
            channels,
            ocap.classScores(counts, ranking),
            ratio,
            config,
            ocap.rule(ocap.resolve(frequency)))
        .removed();
  }
}
