package io.prunegrid.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.prunegrid.channel.Counts;
import io.prunegrid.channel.WeightMasks;
import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskedWeightsTest {
  private static final String CONV = "conv1.weight";

  @TempDir Path folder;

  private final Model model = model();

  private static Model model() {
    ModelGraph graph = Zoo.build("small-cnn", new NetworkSize(3, 1, 14, 14));
    Model plain = new Model(graph, Procedural.weights(graph));
    float[] values = plain.weights().get(CONV).toArray();
    values[0] = -0.0f;
    values[1] = Float.MIN_VALUE;
    return new Model(
        graph,
        plain.weights().with(Map.of(CONV, Tensor.wrap(plain.weights().get(CONV).shape(), values))));
  }

  /** Every n-th entry masked. */
  private static Tensor mask(Tensor like, int every) {
    float[] mask = new float[like.size()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % every == 0 ? 0 : 1;
    }
    return Tensor.wrap(like.shape(), mask);
  }

  private static ModelCard card() {
    return new ModelCard("small-cnn", List.of(0, 1, 2), Optional.empty(), new TreeMap<>());
  }

  private static void assertSameBits(Weights found, Weights expected) {
    assertThat(found.names()).isEqualTo(expected.names());
    for (String name : expected.names()) {
      Tensor left = found.get(name);
      Tensor right = expected.get(name);
      for (int i = 0; i < right.size(); i++) {
        assertThat(Float.floatToRawIntBits(left.at(i)))
            .as("%s %d", name, i)
            .isEqualTo(Float.floatToRawIntBits(right.at(i)));
      }
    }
  }

  @Test
  void aSavedMaskedModelGivesItsWeightsBackBitForBit() {
    Map<String, Tensor> masks =
        Map.of(
            CONV,
            mask(model.weights().get(CONV), 2),
            "conv2.weight",
            mask(model.weights().get("conv2.weight"), 3));
    MaskedWeights masked = MaskedWeights.of(model, masks);
    Model pruned = WeightMasks.apply(model, masks);
    ModelFolder.write(folder.resolve("m"), new SavedModel(pruned, card(), Optional.of(masked)));

    SavedModel read = ModelFolder.read(folder.resolve("m"));

    assertThat(Counts.nonzero(read.model()).parameters())
        .isLessThan(Counts.nonzero(model).parameters());
    assertSameBits(read.masked().orElseThrow().restore(read.model()).weights(), model.weights());
  }

  @Test
  void masksOverMasksStillGoBackToTheFirstWeights() {
    Map<String, Tensor> first = Map.of(CONV, mask(model.weights().get(CONV), 2));
    Model once = WeightMasks.apply(model, first);
    Map<String, Tensor> second = Map.of(CONV, mask(model.weights().get(CONV), 3));
    Model twice = WeightMasks.apply(once, second);

    MaskedWeights both = MaskedWeights.of(model, first).and(once, second);

    assertSameBits(both.restore(twice).weights(), model.weights());
    long third = model.weights().get(CONV).size();
    assertThat(both.count()).isGreaterThan(third / 2).isLessThan(third);
  }

  @Test
  void masksThatHideNothingAreNotKept() {
    Tensor ones = Tensor.wrap(Shape.of(2), new float[] {1, 1});
    assertThat(MaskedWeights.of(model, Map.of("any", ones)).masks()).isEmpty();
  }

  @Test
  void aFolderWhoseMasksDoNotFitIsRefused() throws Exception {
    Map<String, Tensor> masks = Map.of(CONV, mask(model.weights().get(CONV), 2));
    Model pruned = WeightMasks.apply(model, masks);
    MaskedWeights masked = MaskedWeights.of(model, masks);
    Path path = folder.resolve("m");

    ModelFolder.write(path, new SavedModel(model, card(), Optional.of(masked)));
    assertThat(problem(path)).contains(CONV, "not zero");

    ModelFolder.write(path, new SavedModel(pruned, card(), Optional.of(masked)));
    Tensor halves = Tensor.wrap(Shape.of(2), new float[] {0.5f, 1});
    Safetensors.write(path.resolve("masks.safetensors"), new Weights(Map.of(CONV, halves)));
    assertThat(problem(path)).contains(CONV, "instead of");
    Safetensors.write(path.resolve("masks.safetensors"), new Weights(Map.of("nobody", halves)));
    assertThat(problem(path)).contains("nobody");

    Files.write(path.resolve("masks.safetensors"), new byte[] {1, 2, 3});
    assertThat(problem(path)).contains("masks.safetensors");
    Files.delete(path.resolve("masks.safetensors"));
    assertThat(problem(path)).contains("masks.safetensors", "does not exist");
  }

  private static String problem(Path path) {
    BadInput bad = catchThrowableOfType(BadInput.class, () -> ModelFolder.read(path));
    assertThat(bad).isNotNull();
    return bad.getMessage();
  }
}
