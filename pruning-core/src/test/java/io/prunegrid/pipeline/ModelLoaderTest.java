package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Sha256;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Samples;
import io.prunegrid.format.ModelCard;
import io.prunegrid.format.ModelFolder;
import io.prunegrid.graph.Shape;
import io.prunegrid.testing.Shared;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLoaderTest {
  private static final Optional<DataShape> FASHION =
      Optional.of(new DataShape(Shape.of(1, 14, 14), 10));

  @TempDir Path folder;

  private static ModelConfig procedural(String name) {
    return new ModelConfig(
        name, Optional.of("procedural"), OptionalInt.empty(), OptionalInt.empty());
  }

  private static ModelConfig plain(String name) {
    return new ModelConfig(name, Optional.empty(), OptionalInt.empty(), OptionalInt.empty());
  }

  private static ModelConfig sized(String name, int classes, int resolution) {
    return new ModelConfig(
        name, Optional.of("procedural"), OptionalInt.of(classes), OptionalInt.of(resolution));
  }

  @Test
  void sizesAreThePublishedOnesUnlessImagesOrThePersonSayOtherwise() {
    LoadedModel published = ModelLoader.load(procedural("resnet18"), Optional.empty());
    assertThat(published.model().graph().input()).isEqualTo(Shape.of(3, 224, 224));
    assertThat(published.headClasses()).isEqualTo(IntStream.range(0, 1000).boxed().toList());

    LoadedModel fitted = ModelLoader.load(procedural("resnet20"), FASHION);
    assertThat(fitted.model().graph().input()).isEqualTo(Shape.of(1, 14, 14));
    assertThat(fitted.headClasses()).hasSize(10);

    LoadedModel said = ModelLoader.load(sized("resnet20", 7, 40), FASHION);
    assertThat(said.model().graph().input()).isEqualTo(Shape.of(1, 40, 40));
    assertThat(said.headClasses()).hasSize(7);
    assertThatThrownBy(() -> said.requireImages(Shape.of(1, 14, 14)))
        .isInstanceOf(BadInput.class)
        .hasMessage("the images have the shape (1x14x14), but the network reads (1x40x40)");
  }

  @Test
  void aNetworkThatIsTrainedHasTheDatasClasses() {
    DataShape two = new DataShape(Shape.of(1, 14, 14), 2);
    assertThat(ModelLoader.untrained(plain("small-cnn"), two).output()).isNotNull();
    assertThat(
            ModelLoader.untrained(plain("small-cnn"), two)
                .shape(ModelLoader.untrained(plain("small-cnn"), two).output()))
        .isEqualTo(Shape.of(2));
    ModelConfig tooFew =
        new ModelConfig("small-cnn", Optional.empty(), OptionalInt.of(1), OptionalInt.empty());
    assertThatThrownBy(() -> ModelLoader.untrained(tooFew, two))
        .isInstanceOf(BadInput.class)
        .hasMessage("small-cnn cannot be trained with 1 classes: the data have 2");
    ModelConfig larger =
        new ModelConfig("small-cnn", Optional.empty(), OptionalInt.empty(), OptionalInt.of(28));
    assertThatThrownBy(() -> ModelLoader.untrained(larger, two)).isInstanceOf(BadInput.class);
  }

  @Test
  void everyZooNameIsKnownAndOthersAreFoldersOrSlips() throws IOException {
    Zoo.names().forEach(name -> assertThat(ModelLoader.isTrainedFromScratch(plain(name))).isTrue());
    assertThatThrownBy(() -> ModelLoader.load(plain("small-cnm"), FASHION))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("unknown model 'small-cnm'; did you mean 'small-cnn'?");
    assertThatThrownBy(() -> ModelLoader.load(plain(folder + "/none"), FASHION))
        .isInstanceOf(BadInput.class)
        .hasMessage("model folder " + folder + "/none does not exist");
    Path truncated = Files.write(folder.resolve("cut.th"), new byte[100]);
    ModelConfig broken =
        new ModelConfig(
            "small-cnn",
            Optional.of(truncated.toString()),
            OptionalInt.empty(),
            OptionalInt.empty());
    assertThatThrownBy(() -> ModelLoader.load(broken, FASHION))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("cut.th");
  }

  @Test
  void aFoldersHeadDecidesWhichImagesItSeesAndWithWhichTargets() {
    LoadedModel whole = ModelLoader.load(procedural("small-cnn"), FASHION);
    LoadedModel reduced = whole.reducedTo(List.of(8, 0, 3));
    ModelFolder.write(
        folder.resolve("m"),
        reduced.model(),
        new ModelCard("small-cnn", List.of(8, 0, 3), Optional.of("fashion"), new TreeMap<>()));

    LoadedModel loaded = ModelLoader.load(plain(folder.resolve("m").toString()), FASHION);
    assertThat(loaded.headClasses()).containsExactly(8, 0, 3);
    assertThat(loaded.data()).contains("fashion");
    assertThat(loaded.model()).isEqualTo(reduced.model());

    Samples samples = loaded.samplesOf(Datasets.open("fashion").test());
    assertThat(samples.size()).isEqualTo(95 + 107 + 93);
    for (int i = 0; i < samples.size(); i++) {
      assertThat(List.of(8, 0, 3).get(samples.label(i))).isEqualTo(samples.originalLabel(i));
    }
    assertThatThrownBy(() -> loaded.reducedTo(List.of(0, 5, 6)))
        .isInstanceOf(BadInput.class)
        .hasMessage("the network's head has no output for classes 5, 6; it has classes 8, 0, 3");
    assertThat(loaded.reducedTo(List.of(8, 0, 3))).isSameAs(loaded);

    Workbench bench = Workbench.open(plain(folder.resolve("m").toString()), Optional.empty());
    assertThat(bench.data().spec()).isEqualTo("fashion");
    assertThat(bench.classes(Optional.empty())).containsExactly(8, 0, 3);
    assertThat(bench.classes(Optional.of("Bag"))).containsExactly(8);
  }

  @Test
  void aHeadLargerThanTheDataSeesAllImagesWithTheirOwnLabels() {
    LoadedModel wide = ModelLoader.load(sized("small-cnn", 100, 14), FASHION);
    Samples samples = wide.samplesOf(Datasets.open("fashion").test());
    assertThat(samples.size()).isEqualTo(1000);
    assertThat(samples.label(3)).isEqualTo(samples.originalLabel(3));
  }

  @Test
  void anOnnxFileBringsStructureAndWeights() throws IOException {
    Path file = Shared.require("oracle/onnx/small_res_bn_op13.onnx");

    LoadedModel loaded = ModelLoader.load(plain(file.toString()), Optional.empty());

    assertThat(loaded.network()).isEqualTo("small_res_bn_op13");
    assertThat(loaded.model().graph().input()).isEqualTo(Shape.of(3, 32, 32));
    assertThat(loaded.headClasses()).hasSize(10);
    assertThat(loaded.weightsHash()).isEqualTo(Sha256.of(file));
    assertThatThrownBy(() -> ModelLoader.load(procedural(file.toString()), Optional.empty()))
        .isInstanceOf(BadInput.class)
        .hasMessage("ONNX file " + file + " brings its own weights; leave procedural out");
  }
}
