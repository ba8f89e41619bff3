package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.prunegrid.channel.SelectionConfig.Apply;
import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.channel.SelectionConfig.Rounding;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.SelectionConfig.Ties;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Zoo;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SelectionTest {
  /** Two convolutions of 4 and 8 channels before a classifier. */
  private static final CoupledChannels CHAIN = CoupledChannels.of(chain(4, 8));

  private static ModelGraph chain(int first, int second) {
    GraphBuilder graph = new GraphBuilder(Shape.of(3, 4, 4));
    String x = graph.relu("relu1", graph.conv("a", graph.input(), first, 3, 1, 1, Bias.YES));
    x = graph.relu("relu2", graph.conv("b", x, second, 3, 1, 1, Bias.YES));
    return graph.build(graph.linear("classifier", graph.flatten("flatten", x), 5));
  }

  @Test
  void localScopeTakesTheSameShareOfEachBundle() {
    Selection selection = select(CHAIN, "a", c -> c, "b", c -> 100 - c, 0.5, new Options());
    assertThat(kept(CHAIN, selection, "a")).containsExactly(2, 3);
    assertThat(kept(CHAIN, selection, "b")).containsExactly(0, 1, 2, 3);
    assertThat(selection.prunable()).isEqualTo(12);
    assertThat(selection.asked()).isEqualTo(6);
    assertThat(selection.reached()).isEqualTo(0.5);
    assertThat(selection.bundles())
        .extracting(
            share -> share.bundle().root(), share -> share.asked(), share -> share.removed())
        .containsExactly(tuple("a", 2, 2), tuple("b", 4, 4));
  }

  @Test
  void globalScopeComparesAllClasses() {
    Selection selection =
        select(CHAIN, "a", c -> 10 + c, "b", c -> c, 0.5, new Options().scope(Scope.GLOBAL));
    assertThat(kept(CHAIN, selection, "a")).containsExactly(0, 1, 2, 3);
    assertThat(kept(CHAIN, selection, "b")).containsExactly(6, 7);
  }

  @Test
  void equalScoresGoInOrderOfLayerAndChannel() {
    Selection selection =
        select(CHAIN, "a", c -> c % 2 == 0 ? 0.0 : -0.0, "b", c -> 0, 0.5, new Options());
    assertThat(kept(CHAIN, selection, "a")).containsExactly(2, 3);
    assertThat(kept(CHAIN, selection, "b")).containsExactly(4, 5, 6, 7);
    Selection global =
        select(CHAIN, "a", c -> 0, "b", c -> 0, 0.25, new Options().scope(Scope.GLOBAL));
    assertThat(kept(CHAIN, global, "a")).containsExactly(3);
    assertThat(kept(CHAIN, global, "b")).hasSize(8);
  }

  @Test
  void ratioZeroRemovesNothing() {
    Selection selection =
        select(CHAIN, "a", c -> c, "b", c -> c, 0, new Options().roundTo(3).minChannels(9));
    assertThat(selection.removedCount()).isZero();
  }

  @Test
  void ratioOneIsRefused() {
    assertThatThrownBy(() -> select(CHAIN, "a", c -> c, "b", c -> c, 1, new Options()))
        .isInstanceOf(BadInput.class);
  }

  @Test
  void anEmptyLayerKeepsItsBestOrIsLeftWhole() {
    Options global = new Options().scope(Scope.GLOBAL);
    Selection best = select(CHAIN, "a", c -> c, "b", c -> 10 + c, 0.5, global);
    assertThat(kept(CHAIN, best, "a")).containsExactly(3);
    assertThat(kept(CHAIN, best, "b")).containsExactly(2, 3, 4, 5, 6, 7);
    Selection three = select(CHAIN, "a", c -> c, "b", c -> 10 + c, 0.5, global.minChannels(3));
    assertThat(kept(CHAIN, three, "a")).containsExactly(1, 2, 3);
    Selection whole =
        select(CHAIN, "a", c -> c, "b", c -> 10 + c, 0.5, global.onEmpty(OnEmpty.SKIP));
    assertThat(kept(CHAIN, whole, "a")).hasSize(4);
    assertThat(kept(CHAIN, whole, "b")).containsExactly(2, 3, 4, 5, 6, 7);
    assertThat(whole.asked()).isEqualTo(6);
    assertThat(whole.removedCount()).isEqualTo(2);
  }

  @Test
  void layersThatLoseAnythingAreRoundedDown() {
    CoupledChannels wide = CoupledChannels.of(chain(20, 10));
    Selection selection = select(wide, "a", c -> c, "b", c -> -c, 0.3, new Options().roundTo(8));
    assertThat(kept(wide, selection, "a")).containsExactly(12, 13, 14, 15, 16, 17, 18, 19);
    // 7 of 10 would remain and none after rounding: the smallest multiple stays.
    assertThat(kept(wide, selection, "b")).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    Selection skipped =
        select(
            wide, "a", c -> c, "b", c -> -c, 0.3, new Options().roundTo(8).onEmpty(OnEmpty.SKIP));
    assertThat(kept(wide, skipped, "b")).hasSize(10);
    Selection narrow = select(CHAIN, "a", c -> c, "b", c -> c, 0.5, new Options().roundTo(8));
    assertThat(narrow.removedCount()).isZero();
  }

  @Test
  void aLayerThatLosesNothingIsNotRounded() {
    CoupledChannels wide = CoupledChannels.of(chain(20, 10));
    Selection selection =
        select(
            wide,
            "a",
            c -> c,
            "b",
            c -> 100 + c,
            0.1,
            new Options().scope(Scope.GLOBAL).roundTo(8));
    assertThat(kept(wide, selection, "a")).hasSize(16);
    assertThat(kept(wide, selection, "b")).hasSize(10);
  }

  @Test
  void ignoredLayersAreInNoCountAndProtectedOnesKeepTheirShare() {
    Selection ignored =
        select(
            CHAIN,
            "a",
            c -> c,
            "b",
            c -> 10 + c,
            0.5,
            new Options().scope(Scope.GLOBAL).ignore("a"));
    assertThat(kept(CHAIN, ignored, "a")).hasSize(4);
    assertThat(kept(CHAIN, ignored, "b")).containsExactly(4, 5, 6, 7);
    assertThat(ignored.prunable()).isEqualTo(8);
    Selection guarded =
        select(
            CHAIN,
            "a",
            c -> c,
            "b",
            c -> 10 + c,
            0.5,
            new Options().scope(Scope.GLOBAL).protect("a"));
    assertThat(kept(CHAIN, guarded, "a")).hasSize(4);
    assertThat(kept(CHAIN, guarded, "b")).containsExactly(2, 3, 4, 5, 6, 7);
    assertThat(guarded.prunable()).isEqualTo(12);
    assertThat(guarded.asked()).isEqualTo(6);
  }

  @Test
  void unscoredClassesStayAndAreInNoPool() {
    Selection selection =
        select(CHAIN, "a", c -> c == 0 ? Double.NaN : c, "b", c -> Double.NaN, 0.5, new Options());
    assertThat(kept(CHAIN, selection, "a")).containsExactly(0, 3);
    assertThat(kept(CHAIN, selection, "b")).hasSize(8);
    assertThat(selection.prunable()).isEqualTo(12);
  }

  @Test
  void theLastStageOfResnet20IsInThreeBundles() {
    CoupledChannels channels =
        CoupledChannels.of(Zoo.build("resnet20", new NetworkSize(10, 3, 8, 8)));
    int[] stage = channels.outClasses("layer3.2.conv2");
    Map<Integer, Bundle> bundleOf = new HashMap<>();
    channels
        .bundles(SelectionConfig.defaults())
        .forEach(bundle -> bundle.classes().forEach(id -> bundleOf.put(id, bundle)));
    for (int c = 0; c < 64; c++) {
      Bundle bundle = bundleOf.get(stage[c]);
      boolean everywhere = c >= 24 && c < 40;
      boolean twoStages = !everywhere && c >= 16 && c < 48;
      assertThat(bundle.layers().contains("conv1")).as("channel " + c).isEqualTo(everywhere);
      assertThat(bundle.layers().contains("layer2.0.conv2"))
          .as("channel " + c)
          .isEqualTo(everywhere || twoStages);
      assertThat(bundle.classes()).hasSize(everywhere || twoStages ? 16 : 32);
    }
    assertThat(channels.bundles(SelectionConfig.defaults())).hasSize(12);
    assertThat(channels.prunable(SelectionConfig.defaults())).isEqualTo(64 + 3 * (16 + 32 + 64));
  }

  @ParameterizedTest
  @CsvSource({
    "layer1.*=0.25 *=0.5, 0.25",
    "*=0.5 layer1.*=0.25, 0.5",
    "layer3.2.conv2=0.75 conv1=0.25, 0.75",
    "conv1=0.25 layer3.2.conv2=0.75, 0.25"
  })
  void ofGlobsForLayersThatShareChannelsTheFirstCounts(String ratios, double expected) {
    CoupledChannels channels =
        CoupledChannels.of(Zoo.build("resnet20", new NetworkSize(10, 3, 8, 8)));
    Limits own = Limits.NONE.withRatios(LayerNumbers.parse(ratios));
    Selection selection =
        Selection.select(
            channels, random(channels, 1), 0.125, SelectionConfig.defaults().with(own));
    assertThat(selection.bundles())
        .filteredOn(share -> share.bundle().layers().contains("conv1"))
        .singleElement()
        .satisfies(share -> assertThat(share.asked()).isEqualTo((int) (16 * expected)));
  }

  @ParameterizedTest
  @EnumSource(Scope.class)
  void roundingHoldsInEveryLayerOfPlainResnets(Scope scope) {
    for (String name : List.of("resnet20", "resnet56")) {
      CoupledChannels channels = CoupledChannels.of(Zoo.build(name, new NetworkSize(10, 3, 8, 8)));
      for (double ratio : new double[] {0.1, 0.3, 0.5, 0.7, 0.9, 0.99}) {
        for (OnEmpty onEmpty : OnEmpty.values()) {
          SelectionConfig config = new Options().scope(scope).roundTo(8).onEmpty(onEmpty).build();
          Selection selection = Selection.select(channels, random(channels, 3), ratio, config);
          Removal.kept(channels, selection.removed())
              .forEach(
                  (layer, kept) ->
                      assertThat(kept.out().isWhole() || kept.out().count() % 8 == 0)
                          .as("%s %s %s %s: %s", name, scope, ratio, layer, kept.out())
                          .isTrue());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "4, 1", "1, 3", "4, 3"})
  void everyLayerOfGeneratedNetworksIsContent(int roundTo, int minChannels) {
    int removed = 0;
    for (long seed = 0; seed < 300; seed++) {
      ModelGraph graph = RandomNetworks.convolutional(seed, 8, 8);
      CoupledChannels channels = CoupledChannels.of(graph);
      for (OnEmpty onEmpty : OnEmpty.values()) {
        SelectionConfig config =
            new Options()
                .scope(seed % 2 == 0 ? Scope.LOCAL : Scope.GLOBAL)
                .roundTo(roundTo)
                .minChannels(minChannels)
                .onEmpty(onEmpty)
                .build();
        double ratio = (seed % 10) / 10.0;
        String what = "network " + seed + " ";
        Selection selection = Selection.select(channels, random(channels, seed), ratio, config);
        assertThat(selection)
            .isEqualTo(Selection.select(channels, random(channels, seed), ratio, config));
        int least = onEmpty == OnEmpty.SKIP ? 1 : minChannels;
        Removal.kept(channels, selection.removed())
            .forEach(
                (layer, kept) ->
                    assertThat(
                            kept.out().isWhole()
                                || (kept.out().count() % roundTo == 0
                                    && kept.out().count() >= least))
                        .as(what + layer + " " + kept.out())
                        .isTrue());
        Removal.structure(channels, selection.removed());
        removed += selection.removedCount();
      }
    }
    assertThat(removed).isGreaterThan(500);
  }

  @Test
  void groupedConvolutionsKeepTheirGroupsEqualAndRounded() {
    GraphBuilder builder = new GraphBuilder(Shape.of(3, 4, 4));
    String x = builder.conv("a", builder.input(), 24, 3, 1, 1, Bias.NO);
    x =
        builder.add(
            "grouped",
            new Op.Conv2d(24, 36, Size2d.square(3), Size2d.ONE, Size2d.ONE, Size2d.ONE, 3, false),
            x);
    x = builder.flatten("flatten", builder.adaptiveAvgPool("mean", x, 1));
    CoupledChannels channels = CoupledChannels.of(builder.build(builder.linear("fc", x, 4)));
    assertThat(channels.prunable(SelectionConfig.defaults())).isEqualTo(8 + 12);
    SelectionConfig config = new Options().roundTo(4).build();
    Selection selection = Selection.select(channels, random(channels, 1), 0.3, config);
    Map<String, LayerKept> kept = Removal.kept(channels, selection.removed());
    assertThat(kept.get("a").out().count()).isEqualTo(12);
    assertThat(kept.get("grouped").in().orElseThrow().count()).isEqualTo(12);
    assertThat(kept.get("grouped").out().count()).isEqualTo(24);
  }

  @Test
  void aConvolutionOfOneOutputIsNotDepthwise() {
    GraphBuilder builder = new GraphBuilder(Shape.of(1, 4, 4));
    String x = builder.conv("a", builder.input(), 1, 3, 1, 1, Bias.NO);
    x = builder.conv("b", x, 4, 3, 1, 1, Bias.NO);
    x = builder.conv("c", x, 1, 3, 1, 1, Bias.NO);
    x = builder.linear("fc", builder.flatten("flatten", x), 2);
    CoupledChannels channels = CoupledChannels.of(builder.build(x));
    assertThat(channels.prunable(SelectionConfig.defaults())).isEqualTo(6);
    Selection selection =
        Selection.select(channels, random(channels, 1), 0.9, SelectionConfig.defaults());
    assertThat(kept(channels, selection, "a")).hasSize(1);
    assertThat(kept(channels, selection, "b")).hasSize(1);
    assertThat(kept(channels, selection, "c")).hasSize(1);
  }

  private static Selection select(
      CoupledChannels channels,
      String first,
      IntToDoubleFunction firstScores,
      String second,
      IntToDoubleFunction secondScores,
      double ratio,
      Options options) {
    double[] scores = new double[channels.classes().size()];
    Arrays.fill(scores, Double.NaN);
    set(scores, channels.outClasses(first), firstScores);
    set(scores, channels.outClasses(second), secondScores);
    return Selection.select(channels, scores, ratio, options.build());
  }

  private static void set(double[] scores, int[] ids, IntToDoubleFunction values) {
    for (int c = 0; c < ids.length; c++) {
      scores[ids[c]] = values.applyAsDouble(c);
    }
  }

  private static int[] kept(CoupledChannels channels, Selection selection, String layer) {
    return Removal.kept(channels, selection.removed()).get(layer).out().kept();
  }

  private static double[] random(CoupledChannels channels, long seed) {
    SplitMix64 stream = SplitMix64.stream(seed, "scores");
    return channels.classes().stream().mapToDouble(c -> stream.nextDouble()).toArray();
  }

  /** Selection options with the defaults filled in. */
  private record Options(
      Scope scope,
      OnEmpty onEmpty,
      int minChannels,
      int roundTo,
      List<String> ignore,
      List<String> protect) {
    Options() {
      this(Scope.LOCAL, OnEmpty.KEEP_BEST, 1, 1, List.of(), List.of());
    }

    Options scope(Scope changed) {
      return new Options(changed, onEmpty, minChannels, roundTo, ignore, protect);
    }

    Options onEmpty(OnEmpty changed) {
      return new Options(scope, changed, minChannels, roundTo, ignore, protect);
    }

    Options minChannels(int changed) {
      return new Options(scope, onEmpty, changed, roundTo, ignore, protect);
    }

    Options roundTo(int changed) {
      return new Options(scope, onEmpty, minChannels, changed, ignore, protect);
    }

    Options ignore(String... globs) {
      return new Options(scope, onEmpty, minChannels, roundTo, List.of(globs), protect);
    }

    Options protect(String... globs) {
      return new Options(scope, onEmpty, minChannels, roundTo, ignore, List.of(globs));
    }

    SelectionConfig build() {
      return new SelectionConfig(
          scope,
          Rounding.UP,
          onEmpty,
          minChannels,
          roundTo,
          ignore,
          protect,
          Ties.EXACT,
          Apply.REMOVE);
    }
  }
}
