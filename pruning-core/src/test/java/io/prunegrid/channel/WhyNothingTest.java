package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.Selection.Rule;
import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Two convolutions of 4 and 8 channels before a linear layer; 12 channels could go. */
class WhyNothingTest {
  private static final SelectionConfig PLAIN = SelectionConfig.defaults();

  private final ModelGraph graph = graph();
  private final CoupledChannels channels = CoupledChannels.of(graph);

  @Test
  void wherePartOfItGoesThereIsNoReason() {
    assertThat(channels(0.5, PLAIN)).isEmpty();
    assertThat(weights(0.5, PLAIN, Rule.LOWEST, 1)).isEmpty();
  }

  @Test
  void theCauseOfNoChannelIsNamed() {
    assertThat(why(0.1, with(1, List.of(), SelectionConfig.Rounding.DOWN)))
        .isEqualTo(
            "of 12 prunable channels, ratio 0.1 with scope local and rounding down takes none");
    assertThat(why(0.5, ignoring("*")))
        .isEqualTo(
            "the network has no prunable channels, for all of them reach an output or belong to an"
                + " ignored layer (ignore is *)");
    assertThat(why(0.5, PLAIN.with(skipFirst(1000))))
        .isEqualTo(
            "all of the 12 prunable channels are protected (skip-first is 1000 of layers all)");
    assertThat(why(0.5, with(1, List.of("conv*"), SelectionConfig.Rounding.UP)))
        .isEqualTo("all of the 12 prunable channels are protected (protect is conv*)");
    assertThat(why(0.5, with(64, List.of(), SelectionConfig.Rounding.UP)))
        .isEqualTo(
            "of 12 prunable channels, ratio 0.5 with scope local and rounding up takes 6, but no"
                + " layer can lose some and keep a multiple of round-to 64 (on-empty is keep-best,"
                + " min-channels 1)");
    double[] unscored = new double[channels.classes().size()];
    Arrays.fill(unscored, Double.NaN);
    assertThat(why(unscored, 0.5, PLAIN, Rule.LOWEST))
        .isEqualTo("the method gives none of the 12 prunable channels a score");
    double[] high = new double[channels.classes().size()];
    Arrays.fill(high, 8);
    assertThat(why(high, 0.5, PLAIN, Rule.RANKS))
        .isEqualTo(
            "of 12 prunable channels none is among the lowest of every image, ratio 0.5 with scope"
                + " local and rounding up");
  }

  @Test
  void theCauseOfNoWeightIsNamed() {
    assertThat(weights(0.5, ignoring("*"), Rule.LOWEST, 1).orElseThrow())
        .endsWith("belong to an ignored layer (ignore is *)");
    assertThat(weights(0.5, PLAIN.with(skipFirst(1000)), Rule.LOWEST, 1))
        .contains(
            "nothing was removed: all of the 6 prunable weights are protected (skip-first is 1000"
                + " of layers all)");
    assertThat(weights(0.5, PLAIN, Rule.BELOW_ONE, 1))
        .contains(
            "nothing was removed: the method's rule takes none of the 6 prunable weights, whatever"
                + " the ratio: none of them is below what it calls small");
    assertThat(weights(0.5, PLAIN, Rule.LOWEST, 2_000_000_000))
        .contains(
            "nothing was removed: of 6 prunable weights, ratio 0.5 with scope local and rounding up"
                + " leaves no smaller multiple of align 2000000000");
    assertThat(
            weights(0.1, with(1, List.of(), SelectionConfig.Rounding.DOWN), Rule.LOWEST, 1)
                .orElseThrow())
        .endsWith("takes none");
  }

  private String why(double ratio, SelectionConfig config) {
    return channels(ratio, config).orElseThrow().replace("nothing was removed: ", "");
  }

  private String why(double[] scores, double ratio, SelectionConfig config, Rule rule) {
    return channels(scores, ratio, config, rule).orElseThrow().replace("nothing was removed: ", "");
  }

  private Optional<String> channels(double ratio, SelectionConfig config) {
    return channels(new double[channels.classes().size()], ratio, config, Rule.LOWEST);
  }

  private Optional<String> channels(
      double[] scores, double ratio, SelectionConfig config, Rule rule) {
    return WhyNothing.channels(
        Selection.select(channels, scores, ratio, config, rule), ratio, config, rule);
  }

  private Optional<String> weights(double ratio, SelectionConfig config, Rule rule, int align) {
    Map<String, Tensor> scores = new LinkedHashMap<>();
    scores.put("conv1.weight", Tensor.wrap(Shape.of(2), new float[] {2, 3}));
    scores.put("conv2.weight", Tensor.wrap(Shape.of(4), new float[] {2, 3, 4, 5}));
    WeightMasks.Pool pool =
        new WeightMasks.Pool(
            scores, Map.of(), Map.of(), rule, align, config.limits().skipped(graph));
    return WhyNothing.weights(pool, WeightMasks.select(pool, ratio, config), ratio, config);
  }

  private static SelectionConfig ignoring(String glob) {
    return new SelectionConfig(
        Scope.LOCAL,
        PLAIN.rounding(),
        OnEmpty.KEEP_BEST,
        1,
        1,
        List.of(glob),
        List.of(),
        PLAIN.ties(),
        PLAIN.apply());
  }

  private static SelectionConfig with(
      int roundTo, List<String> protect, SelectionConfig.Rounding rounding) {
    return new SelectionConfig(
        Scope.LOCAL,
        rounding,
        OnEmpty.KEEP_BEST,
        1,
        roundTo,
        List.of(),
        protect,
        PLAIN.ties(),
        PLAIN.apply());
  }

  private static Limits skipFirst(int layers) {
    Limits none = Limits.NONE;
    return new Limits(
        none.ratios(),
        none.caps(),
        layers,
        none.layers(),
        none.zeroParts(),
        none.target(),
        none.steps(),
        none.between(),
        none.layer());
  }

  private static ModelGraph graph() {
    GraphBuilder g = new GraphBuilder(Shape.of(1, 4, 4));
    String x = g.relu("relu", g.conv("conv1", g.input(), 4, 3, 1, 1, Bias.NO));
    x = g.conv("conv2", x, 8, 3, 1, 1, Bias.NO);
    return g.build(g.linear("head", g.flatten("flatten", x), 2));
  }
}
