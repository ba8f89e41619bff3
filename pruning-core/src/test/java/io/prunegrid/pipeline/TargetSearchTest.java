package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.channel.Counts;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.channel.SelectionConfig.Rounding;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.Target;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.format.Safetensors;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.testing.Races;
import io.prunegrid.zoo.Procedural;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The network that a target finds is the largest of all that any ratio leaves and that meet it. */
class TargetSearchTest {
  /** A multiple of twice every pool's size. */
  private static final int STEPS = 2 * 3 * 4 * 5 * 7;

  private final Model model = model();
  private final CoupledChannels channels = CoupledChannels.of(model.graph());
  private final Criterion ln = Criteria.named("ln");
  private final Scores scores = ln.score(ScoringInput.of(model, ln.resolve(java.util.Map.of())));

  private enum Measured {
    MACS,
    PARAMS,
    BYTES;

    long of(Model model) {
      return switch (this) {
        case MACS -> Counts.of(model.graph()).macs();
        case PARAMS -> Counts.of(model.graph()).parameters();
        case BYTES -> Safetensors.size(model.weights());
      };
    }
  }

  @ParameterizedTest
  @EnumSource(Measured.class)
  void noRatioLeavesALargerOneThatMeetsIt(Measured measured) {
    long whole = measured.of(model);
    int compared = 0;
    for (Scope scope : List.of(Scope.LOCAL, Scope.GLOBAL)) {
      for (Rounding rounding : Rounding.values()) {
        for (OnEmpty onEmpty : OnEmpty.values()) {
          for (int roundTo : rounding == Rounding.UP ? new int[] {1, 2} : new int[] {1}) {
            SelectionConfig config = config(scope, rounding, onEmpty, roundTo, Target.NONE);
            TreeSet<Long> all = new TreeSet<>();
            for (int i = 1; i < STEPS; i++) {
              all.add(measured.of(prune((double) i / STEPS, config)));
            }
            for (double share : new double[] {0.9, 0.7, 0.5, 0.3, 0.15}) {
              long limit = (long) Math.floor(share * whole);
              String text =
                  measured == Measured.BYTES
                      ? "bytes=" + limit
                      : measured.name().toLowerCase(java.util.Locale.ROOT) + "=" + share;
              SelectionConfig targeted =
                  config(scope, rounding, onEmpty, roundTo, Target.parse(text));
              String what = scope + " " + rounding + " " + onEmpty + " " + roundTo + " " + text;
              Long largest = all.floor(limit);
              if (largest == null) {
                assertThatThrownBy(() -> prune(0.5, targeted))
                    .as(what)
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("cannot be met")
                    .hasMessageContaining(" has " + all.first() + " of " + whole);
              } else {
                assertThat(measured.of(prune(0.5, targeted))).as(what).isEqualTo(largest);
              }
              compared++;
            }
          }
        }
      }
    }
    assertThat(compared).isEqualTo(2 * (3 * 2 + 2) * 5);
  }

  /** The frequency variant of ocap ranks anew for each ratio. */
  @Test
  void noRatioLeavesALargerOneWhereTheRankingDependsOnIt() {
    MethodConfig ocap = SmallCells.method("ocap", 0, java.util.Map.of("keep", "frequency"));
    SelectionConfig plain = config(Scope.GLOBAL, Rounding.UP, OnEmpty.KEEP_BEST, 1, Target.NONE);
    int better = 0;
    for (int seed = 0; seed < 4; seed++) {
      Scores counts = Races.run(channels, seed);
      TreeSet<Long> all = new TreeSet<>();
      for (int i = 1; i < STEPS * 2; i++) {
        all.add(macs(ocap, counts, i / (STEPS * 2.0), plain));
      }
      for (double share : new double[] {0.8, 0.5, 0.3}) {
        Long largest = all.floor((long) Math.floor(share * Counts.of(model.graph()).macs()));
        if (largest != null) {
          SelectionConfig targeted =
              config(
                  Scope.GLOBAL, Rounding.UP, OnEmpty.KEEP_BEST, 1, Target.parse("macs=" + share));
          assertThat(macs(ocap, counts, 0.5, targeted)).isEqualTo(largest);
          better++;
        }
      }
    }
    assertThat(better).isGreaterThan(8);
  }

  /** What one bundle leaves to make a layer's channels a round number, the other takes. */
  @Test
  void noRatioLeavesALargerOneWhereBundlesShareALayerThatStaysRound() {
    int rises = 0;
    for (int first = 5; first <= 7; first++) {
      for (int second = 6; second <= 8; second++) {
        Model split = split(first, second);
        CoupledChannels coupled = CoupledChannels.of(split.graph());
        Scores norms = ln.score(ScoringInput.of(split, ln.resolve(java.util.Map.of())));
        for (Scope scope : List.of(Scope.LOCAL, Scope.GLOBAL)) {
          List<Long> all = new ArrayList<>();
          SelectionConfig plain = config(scope, Rounding.UP, OnEmpty.KEEP_BEST, 3, Target.NONE);
          for (int i = 1; i < 840; i++) {
            all.add(macs(split, coupled, norms, i / 840.0, plain));
          }
          for (int i = 1; i < all.size(); i++) {
            rises += all.get(i) > all.get(i - 1) ? 1 : 0;
          }
          for (double share : new double[] {0.8, 0.65, 0.5, 0.35}) {
            long limit = (long) Math.floor(share * Counts.of(split.graph()).macs());
            Long largest = new TreeSet<>(all).floor(limit);
            if (largest != null) {
              Target target = Target.parse("macs=" + share);
              SelectionConfig targeted = config(scope, Rounding.UP, OnEmpty.KEEP_BEST, 3, target);
              assertThat(macs(split, coupled, norms, 0.5, targeted))
                  .as(first + " " + second + " " + scope + " " + share)
                  .isEqualTo(largest);
            }
          }
        }
      }
    }
    assertThat(rises).as("ratios that leave a larger network than smaller ones").isPositive();
  }

  /** A layer whose channels go two ways, as where ShuffleNet splits them. */
  private static Model split(int first, int second) {
    GraphBuilder g = new GraphBuilder(Shape.of(2, 4, 4));
    String stem = g.conv("stem", g.input(), first + second, 3, 1, 1, Bias.NO);
    String a = g.add("a", select(0, first), stem);
    String b = g.add("b", select(first, first + second), stem);
    String branch = g.relu("relu", g.conv("branch", b, 7, 3, 1, 1, Bias.NO));
    String joined = g.add("joined", new Op.Concat(0), a, branch);
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", joined), 3));
    return new Model(graph, Procedural.weights(graph));
  }

  private static Op select(int from, int to) {
    return new Op.SelectChannels(IntStream.range(from, to).boxed().toList());
  }

  private static long macs(
      Model network, CoupledChannels coupled, Scores norms, double ratio, SelectionConfig config) {
    MethodConfig method = SmallCells.method("ln", 0, java.util.Map.of());
    Model pruned = Pruner.prune(network, coupled, method, norms, ratio, config).model();
    return Counts.of(pruned.graph()).macs();
  }

  private long macs(MethodConfig method, Scores given, double ratio, SelectionConfig config) {
    Model pruned = Pruner.prune(model, channels, method, given, ratio, config).model();
    return Counts.of(pruned.graph()).macs();
  }

  @Test
  void aTargetThatTheNetworkMeetsAlreadyLeavesItWhole() {
    SelectionConfig defaults = SelectionConfig.defaults();
    SelectionConfig met =
        config(
            defaults.scope(),
            defaults.rounding(),
            defaults.onEmpty(),
            1,
            Target.parse("bytes=1MB"));
    assertThat(prune(0.5, met)).isEqualTo(model);
  }

  private Model prune(double ratio, SelectionConfig config) {
    MethodConfig method = SmallCells.method("ln", 0, java.util.Map.of());
    return Pruner.prune(model, channels, method, scores, ratio, config).model();
  }

  private static SelectionConfig config(
      Scope scope, Rounding rounding, OnEmpty onEmpty, int roundTo, Target target) {
    SelectionConfig defaults = SelectionConfig.defaults();
    Limits none = Limits.NONE;
    return new SelectionConfig(
        scope,
        rounding,
        onEmpty,
        1,
        roundTo,
        List.of(),
        List.of(),
        defaults.ties(),
        defaults.apply(),
        new Limits(
            none.ratios(),
            none.caps(),
            0,
            none.layers(),
            none.zeroParts(),
            target,
            1,
            none.between(),
            none.layer()));
  }

  /** Bundles of 5, 4 and 7, the second of them behind a residual sum. */
  private static Model model() {
    GraphBuilder g = new GraphBuilder(Shape.of(1, 4, 4));
    String first = g.relu("relu1", g.conv("first", g.input(), 5, 3, 1, 1, Bias.NO));
    String second = g.batchNorm("norm", g.conv("second", first, 4, 3, 2, 1, Bias.NO));
    String third = g.conv("third", g.relu("relu2", second), 4, 1, 1, 0, Bias.YES);
    String sum = g.add("sum", new Op.Add(), second, third);
    String hidden = g.relu("relu3", g.linear("hidden", g.flatten("flatten", sum), 7));
    ModelGraph graph = g.build(g.linear("head", hidden, 3));
    return new Model(graph, Procedural.weights(graph));
  }
}
