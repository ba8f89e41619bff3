package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.BadInput;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.zoo.Zoo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Layers pruned by themselves: nothing else goes, and nothing else is in the count. */
class OneLayerTest {
  private final ModelGraph graph = Zoo.build("resnet20", Zoo.publishedSize("resnet20"));
  private final CoupledChannels channels = CoupledChannels.of(graph);

  @Test
  void aLayersChannelsAreAllThatGo() {
    SelectionConfig one = only("layer2.1.conv1");
    assertThat(channels.prunable(one)).isEqualTo(32);
    double[] scores = new double[channels.classes().size()];
    for (Scope scope : List.of(Scope.LOCAL, Scope.GLOBAL)) {
      Selection selection = Selection.select(channels, scores, 0.25, one);
      assertThat(selection.removedCount()).as(scope.toString()).isEqualTo(8);
      assertThat(
              Removal.structure(channels, selection.removed())
                  .parameters()
                  .get("layer2.1.conv1.weight")
                  .shape())
          .isEqualTo(Shape.of(24, 32, 3, 3));
      assertThat(
              Removal.structure(channels, selection.removed())
                  .parameters()
                  .get("layer2.0.conv1.weight")
                  .shape())
          .isEqualTo(graph.parameters().get("layer2.0.conv1.weight").shape());
    }
  }

  @Test
  void whatSharesItsChannelsGoesAlong() {
    // the stem and the ends of the first stage's blocks carry the same channels, some of which live
    // on in the shortcuts of later stages
    SelectionConfig stem = only("conv1");
    assertThat(channels.prunable(stem)).isEqualTo(16);
    assertThat(channels.bundles(stem))
        .allSatisfy(bundle -> assertThat(bundle.layers()).contains("conv1", "layer1.0.conv2"));
  }

  @Test
  void masksAreOfTheLayersThatTheGlobMatches() {
    Map<String, Tensor> scores = new LinkedHashMap<>();
    for (String name : List.of("a.weight", "b.weight", "b.bias")) {
      scores.put(name, Tensor.wrap(Shape.of(4), new float[] {1, 2, 3, 4}));
    }
    WeightMasks masks = WeightMasks.select(scores, 0.5, only("b"));
    assertThat(masks.prunable()).isEqualTo(8);
    assertThat(masks.removed()).isEqualTo(4);
    assertThat(masks.masks().get("a.weight").toArray()).containsOnly(1);
    assertThat(masks.masks().get("b.bias").toArray()).containsExactly(0, 0, 1, 1);
  }

  @Test
  void aGlobOverNoLayerIsFound() {
    assertThat(channels.unmatched(only("layer9*")))
        .containsExactly(Map.entry("layer", List.of("layer9*")));
    assertThat(channels.unmatched(only("layer2*"))).isEmpty();
    assertThatThrownBy(() -> Limits.NONE.withLayer(" ")).isInstanceOf(BadInput.class);
    assertThat(Limits.NONE.withLayer("conv1").named()).containsEntry("layer", "conv1");
    assertThat(Limits.NONE.named()).isEmpty();
  }

  private static SelectionConfig only(String glob) {
    return SelectionConfig.defaults().with(Limits.NONE.withLayer(glob));
  }
}
