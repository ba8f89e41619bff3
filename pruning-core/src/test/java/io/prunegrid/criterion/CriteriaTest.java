package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CriteriaTest {
  private static final SelectionConfig LOCAL = SelectionConfig.defaults();
  private final Model model = Tiny.model();
  private final CoupledChannels channels = CoupledChannels.of(model.graph());

  @Test
  void namesAreOfferedToThoseWhoMistypeThem() {
    assertThat(Criteria.names())
        .contains("group-magnitude", "ln", "magnitude", "random", "taylor")
        .isSorted();
    assertThatThrownBy(() -> Criteria.named("tailor"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("did you mean 'taylor'?");
    Criterion ln = Criteria.named("ln");
    assertThat(ln.resolve(Map.of()))
        .isEqualTo(Map.of("p", "1", "reduction", "mean", "normalizer", "none"));
    assertThat(ln.resolve(Map.of("p", "2.0"))).containsEntry("p", "2");
    assertThat(ln.resolve(Map.of("p", " inf "))).containsEntry("p", "inf");
    assertThat(ln.resolve(Map.of("normalizer", "sentinel  0.50")))
        .containsEntry("normalizer", "sentinel 0.5");
    assertThatThrownBy(() -> ln.resolve(Map.of("p", "3", "q", "2")))
        .isInstanceOfSatisfying(
            BadInput.class,
            bad ->
                assertThat(bad.problems())
                    .containsExactly(
                        "method ln: unknown parameter 'q'; did you mean 'p'? allowed: p, reduction,"
                            + " normalizer",
                        "method ln: p is '3', allowed: 1, 2, inf"));
    assertThat(Criteria.named("magnitude").resolve(Map.of("parts", "norm, weight")))
        .containsEntry("parts", "weight,norm");
    assertThatThrownBy(() -> Criteria.named("magnitude").resolve(Map.of("parts", "weights")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("allowed: some of weight, bias, norm");
  }

  @Test
  void chanceIsTheSeedsAndFairInTheMean() {
    Criterion random = Criteria.named("random");
    assertThat(random.score(input(3))).isEqualTo(random.score(input(3)));
    assertThat(random.score(input(3))).isNotEqualTo(random.score(input(4)));
    double mean = 0;
    for (int seed = 0; seed < 2000; seed++) {
      double[] values = random.classScores(random.score(input(seed)), ranking(random, LOCAL));
      mean += Arrays.stream(values).filter(v -> !Double.isNaN(v)).average().orElseThrow() / 2000;
    }
    assertThat(mean).isCloseTo(0.5, within(0.01));
    for (Criterion criterion : Criteria.all()) {
      assertThat(criterion.draws(criterion.resolve(Map.of())))
          .isEqualTo(criterion.name().endsWith("random"));
    }
  }

  @Test
  void groupMagnitudeCountsFiltersScalesAndFlattenedColumns() {
    double[] values = groupMagnitude("1");
    int[] made = channels.outClasses("grouped");
    double[] expected = new double[3];
    for (int j = 0; j < 3; j++) {
      // groups stay equal: channel j of both goes at once
      assertThat(made[j]).isEqualTo(made[j + 3]);
      double filters = 0;
      double scales = 0;
      double columns = 0;
      for (int channel : new int[] {j, j + 3}) {
        filters += sum("grouped.weight", channel * 18, 18, 1);
        scales += sum("bn2.weight", channel, 1, 1);
        for (int feature = 4 * channel; feature < 4 * channel + 4; feature++) {
          columns += sum("hidden.weight", feature, 5, 24);
        }
      }
      expected[j] = (filters / 2 + scales / 2 + columns / 2) / 3;
    }
    double mean = Arrays.stream(expected).average().orElseThrow();
    for (int j = 0; j < 3; j++) {
      assertThat(values[made[j]]).isCloseTo(expected[j] / mean, within(1e-12));
    }
  }

  @Test
  void groupMagnitudeTilesGroupedColumnsAndLeavesDepthwiseOut() {
    double[] values = groupMagnitude("1");
    int[] stem = channels.outClasses("stem");
    double[] totals = new double[2];
    for (int channel = 0; channel < 4; channel++) {
      int column = channel % 2;
      assertThat(stem[channel]).isEqualTo(stem[column]);
      totals[column] += sum("stem.weight", channel * 18, 18, 1) + sum("bn1.weight", channel, 1, 1);
      for (int row = 0; row < 6; row++) {
        totals[column] += sum("grouped.weight", row * 18 + 9 * column, 9, 1);
      }
    }
    assertThat(values[stem[0]] / values[stem[1]]).isCloseTo(totals[0] / totals[1], within(1e-12));
  }

  @Test
  void everyBundleOfGroupMagnitudeHasMeanOne() {
    double[] values = groupMagnitude("2");
    for (Bundle bundle : channels.bundles(LOCAL)) {
      assertThat(bundle.classes().stream().mapToDouble(id -> values[id]).average().orElseThrow())
          .isCloseTo(1, within(1e-12));
    }
  }

  @Test
  void largestSizeIsTheInfinityNorm() {
    float largest = 0;
    for (int i = 0; i < 18; i++) {
      largest = Math.max(largest, Math.abs(model.weights().get("grouped.weight").at(36 + i)));
    }
    assertThat(ln("inf").of("grouped")[2]).isEqualTo(largest);
  }

  @Test
  void aClassGetsTheMeanOfTheLayersThatProduceIt() {
    Criterion criterion = Criteria.named("ln");
    LayerScores scores = ln("1");
    double[] values = criterion.classScores(scores, ranking(criterion, LOCAL));
    double[] stem = scores.of("stem");
    double[] depthwise = scores.of("depthwise");
    int[] ids = channels.outClasses("stem");
    assertThat(values[ids[1]])
        .isCloseTo((stem[1] + stem[3] + depthwise[1] + depthwise[3]) / 4, within(1e-12));
    for (int pinned : channels.outClasses("head")) {
      assertThat(values[pinned]).isNaN();
    }
    double[] ignoring =
        criterion.classScores(scores, ranking(criterion, Tiny.config(Scope.LOCAL, "depth*")));
    assertThat(ignoring[ids[1]]).isNaN();
    assertThat(ignoring[channels.outClasses("hidden")[0]]).isFinite();
  }

  @Test
  void reportsAClassUnderEveryLayerWhoseOutputCarriesIt() {
    Criterion random = Criteria.named("random");
    Scores scores = random.score(input(1));
    Map<String, List<Double>> report = ScoreReport.layers(random, scores, ranking(random, LOCAL));
    assertThat(report.keySet())
        .containsExactly("stem", "bn1", "depthwise", "grouped", "bn2", "hidden", "head");
    assertThat(report.get("bn1")).isEqualTo(report.get("stem")).doesNotContainNull();
    assertThat(report.get("depthwise")).isEqualTo(report.get("stem"));
    assertThat(report.get("head")).hasSize(3).allMatch(Objects::isNull);
    SelectionConfig ignoring = Tiny.config(Scope.LOCAL, "depthwise");
    assertThat(ScoreReport.layers(random, scores, ranking(random, ignoring)).get("stem"))
        .hasSize(4)
        .allMatch(Objects::isNull);
    assertThat(
            ScoreReport.layers(Criteria.named("ln"), ln("1"), ranking(Criteria.named("ln"), LOCAL))
                .keySet())
        .containsExactly("stem", "depthwise", "grouped", "hidden", "head");
  }

  @Test
  void refusesWeightsThatAreNoNumbers() {
    Tensor weight = model.weights().get("grouped.weight");
    float[] broken = weight.toArray();
    broken[20] = Float.NaN;
    Model unfit =
        new Model(
            model.graph(),
            model.weights().with(Map.of("grouped.weight", Tensor.wrap(weight.shape(), broken))));
    for (String name : List.of("ln", "group-magnitude", "magnitude")) {
      Criterion criterion = Criteria.named(name);
      ScoringInput input = ScoringInput.of(unfit, criterion.resolve(Map.of()));
      assertThatThrownBy(() -> criterion.score(input))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining(name)
          .hasMessageContaining("grouped");
    }
  }

  private LayerScores ln(String p) {
    return (LayerScores)
        Criteria.named("ln")
            .score(ScoringInput.of(model, Criteria.named("ln").resolve(Map.of("p", p))));
  }

  private double[] groupMagnitude(String p) {
    Criterion criterion = Criteria.named("group-magnitude");
    Scores scores = criterion.score(ScoringInput.of(model, criterion.resolve(Map.of("p", p))));
    return criterion.classScores(scores, ranking(criterion, LOCAL));
  }

  private Ranking ranking(Criterion criterion, SelectionConfig config) {
    return new Ranking(channels, config, criterion.resolve(Map.of()), 0);
  }

  private ScoringInput input(long seed) {
    return new ScoringInput(
        model, channels, new TreeMap<>(), Optional.empty(), Optional.empty(), seed);
  }

  private double sum(String parameter, int from, int count, int step) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.abs(model.weights().get(parameter).at(from + i * step));
    }
    return sum;
  }
}
