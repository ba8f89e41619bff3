package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.format.ModelCard;
import io.prunegrid.format.ModelFolder;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.TokenOp.MultiHeadAttention;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.SmallTransformer;
import io.prunegrid.zoo.Zoo;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attention that loses whole heads. */
class WholeHeadsTest {
  private static final AttentionUnit HEADS = AttentionUnit.HEADS;

  @TempDir Path folder;

  /** Twelve heads of 64 channels in twelve layers, which all write into one stream. */
  @Test
  void halfOfAVisionTransformersHeadsLeaveSixOfTheSameWidth() {
    ModelGraph graph =
        Zoo.build("vit_b_16", Zoo.publishedSize("vit_b_16").withClasses(10).withResolution(32));
    CoupledChannels channels = CoupledChannels.of(graph, HEADS);
    List<Bundle> bundles = channels.bundles(heads(Scope.LOCAL, 1));
    assertThat(bundles).hasSize(13);
    assertThat(bundles.get(0).classes()).hasSize(12);
    int[] stream = channels.outClasses("conv_proj");
    assertThat(IntStream.range(0, 768).map(c -> stream[c]))
        .containsExactlyElementsOf(
            IntStream.range(0, 768).map(c -> stream[c / 64 * 64]).boxed().toList());

    BitSet removed = select(channels, 0.5, heads(Scope.LOCAL, 1)).removed();
    ModelGraph smaller = Removal.structure(channels, removed);

    assertThat(attentions(smaller)).hasSize(12).containsOnly(new MultiHeadAttention(384, 6, true));
    long width = 384;
    long hidden = 1536;
    long layer =
        2 * 2 * width
            + (3 * width * width + 3 * width)
            + (width * width + width)
            + (width * hidden + hidden)
            + (hidden * width + width);
    long tokens = width + 5 * width;
    assertThat(Counts.of(smaller).parameters())
        .isEqualTo(
            (3 * 16 * 16 * width + width) + tokens + 12 * layer + 2 * width + (width * 10 + 10));
  }

  @Test
  void theLawHoldsForASmallTransformerWhicheverHeadsGo() {
    ModelGraph graph = SmallTransformer.graph(12, 4);
    CoupledChannels channels = CoupledChannels.of(graph, HEADS);
    int[] stream = channels.outClasses("conv");
    Model model = RandomNetworks.model(graph, 1);
    for (int chosen = 1; chosen < 15; chosen++) {
      BitSet removed = new BitSet();
      for (int head = 0; head < 4; head++) {
        removed.set(stream[3 * head], (chosen >> head & 1) == 1);
      }
      assertThat(RemovalLaw.holds("without " + removed, model, channels, removed)).isTrue();
      Pruned pruned = Removal.remove(model, channels, removed);
      int left = 4 - Integer.bitCount(chosen);
      assertThat(attentions(pruned.model().graph()))
          .containsOnly(new MultiHeadAttention(3 * left, left, true));
    }
  }

  /** Another layer's heads are of another width: what both heads cut apart goes together. */
  @Test
  void headsOfDifferentWidthsInOneStreamGoWhereBothEnd() {
    CoupledChannels channels = CoupledChannels.of(SmallTransformer.graph(12, 6, 4), HEADS);
    int[] stream = channels.outClasses("conv");
    assertThat(IntStream.of(stream).distinct()).hasSize(2);
    assertThat(IntStream.range(0, 12).filter(c -> stream[c] == stream[0]))
        .containsExactly(0, 1, 2, 3, 4, 5);
    BitSet removed = BitSet.valueOf(new long[] {1L << stream[11]});
    assertThat(attentions(Removal.structure(channels, removed)))
        .containsExactly(new MultiHeadAttention(6, 3, true), new MultiHeadAttention(6, 2, true));
  }

  @Test
  void oneHeadStaysWhateverIsAsked() {
    CoupledChannels channels = CoupledChannels.of(SmallTransformer.graph(12, 4), HEADS);
    for (Scope scope : Scope.values()) {
      Selection selection = select(channels, 0.99, heads(scope, 1));
      assertThat(attentions(Removal.structure(channels, selection.removed())))
          .containsOnly(new MultiHeadAttention(3, 1, true));
    }
  }

  @Test
  void roundedLayersKeepWholeHeads() {
    CoupledChannels channels = CoupledChannels.of(SmallTransformer.graph(12, 4), HEADS);
    Selection selection = select(channels, 0.25, heads(Scope.LOCAL, 2));
    assertThat(attentions(Removal.structure(channels, selection.removed())))
        .containsOnly(new MultiHeadAttention(6, 2, true));
    Selection none = select(channels, 0.9, heads(Scope.LOCAL, 5));
    assertThat(attentions(Removal.structure(channels, none.removed())))
        .containsOnly(new MultiHeadAttention(12, 4, true));
  }

  @Test
  void aHeadWithAChannelThatStaysStays() {
    ModelGraph graph = SmallTransformer.graph(12, 4);
    SelectionConfig guarded =
        new SelectionConfig(
            Scope.LOCAL,
            SelectionConfig.Rounding.UP,
            OnEmpty.KEEP_BEST,
            1,
            1,
            List.of(),
            List.of("*.attention"),
            SelectionConfig.Ties.EXACT,
            SelectionConfig.Apply.REMOVE,
            Limits.NONE.withAttention(HEADS));
    CoupledChannels channels = guarded.channels(graph);
    ModelGraph smaller = Removal.structure(channels, select(channels, 0.5, guarded).removed());
    assertThat(attentions(smaller)).isEqualTo(attentions(graph));
    assertThat(Counts.of(smaller).parameters()).isLessThan(Counts.of(graph).parameters());
  }

  @Test
  void aSavedModelKeepsItsHeads() {
    ModelGraph graph = SmallTransformer.graph(12, 4);
    CoupledChannels channels = CoupledChannels.of(graph, HEADS);
    BitSet removed = select(channels, 0.5, heads(Scope.LOCAL, 1)).removed();
    Model smaller = Removal.remove(RandomNetworks.model(graph, 2), channels, removed).model();
    ModelCard card =
        new ModelCard("small", List.of(0, 1, 2, 3, 4), Optional.empty(), new TreeMap<>());
    ModelFolder.write(folder.resolve("smaller"), smaller, card);

    Model read = ModelFolder.read(folder.resolve("smaller")).model();

    assertThat(read.graph()).isEqualTo(smaller.graph());
    assertThat(attentions(read.graph())).containsOnly(new MultiHeadAttention(6, 2, true));
  }

  @Test
  void networksWithoutAttentionHaveTheSameClasses() {
    for (String name : List.of("resnet20", "shufflenet_v2_x0_5", "small-cnn")) {
      ModelGraph graph = Zoo.build(name, Zoo.publishedSize(name));
      assertThat(CoupledChannels.of(graph, HEADS).classes())
          .isEqualTo(CoupledChannels.of(graph).classes());
    }
  }

  @Test
  void classesAndSelectionMustMeanTheSamePartsOfAttention() {
    CoupledChannels positions = CoupledChannels.of(SmallTransformer.graph(12, 4));
    assertThatThrownBy(() -> positions.bundles(heads(Scope.LOCAL, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("positions")
        .hasMessageContaining("heads");
  }

  private static List<MultiHeadAttention> attentions(ModelGraph graph) {
    return graph.nodes().stream()
        .filter(node -> node.op() instanceof MultiHeadAttention)
        .map(node -> (MultiHeadAttention) node.op())
        .toList();
  }

  private static Selection select(CoupledChannels channels, double ratio, SelectionConfig config) {
    SplitMix64 stream = SplitMix64.stream(5, "scores");
    double[] scores = channels.classes().stream().mapToDouble(c -> stream.nextDouble()).toArray();
    return Selection.select(channels, scores, ratio, config);
  }

  private static SelectionConfig heads(Scope scope, int roundTo) {
    return new SelectionConfig(
        scope,
        SelectionConfig.Rounding.UP,
        OnEmpty.KEEP_BEST,
        1,
        roundTo,
        List.of(),
        List.of(),
        SelectionConfig.Ties.EXACT,
        SelectionConfig.Apply.REMOVE,
        Limits.NONE.withAttention(HEADS));
  }
}
