package io.prunegrid.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.prunegrid.common.BadInput;
import io.prunegrid.pipeline.CellKeys;
import io.prunegrid.pipeline.InputHashes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps that prune one layer at a time. */
class LayerAxisTest {
  private static final String BASE =
      "data = fashion, methods = [ln], ratios = [0.1, 0.5], "
          + "models = [{ name = resnet20, weights = procedural }]\n";

  @TempDir Path folder;

  private Sweep read(String lines) {
    try {
      Path file = Files.writeString(folder.resolve("v.conf"), "sweep {\n" + lines + "\n}\n");
      return SweepFile.read(file, List.of(), SweepContext.ofUser(), new FakeVocabulary());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> problems(String lines) {
    return catchThrowableOfType(BadInput.class, () -> read(lines)).problems().stream()
        .map(p -> p.replace(folder + "/", ""))
        .toList();
  }

  private static List<String> cells(Sweep sweep) {
    return sweep.cells().stream()
        .map(c -> c.config().selection().limits().layer() + " " + c.config().ratio())
        .toList();
  }

  @Test
  void eachLayerThatTheMethodsCanPruneIsPrunedByItself() {
    Sweep sweep = read(BASE + "layer = each");
    assertThat(cells(sweep))
        .containsExactly(
            "conv1 0.1",
            "conv1 0.5",
            "layer1.0.conv1 0.1",
            "layer1.0.conv1 0.5",
            "layer1.0.conv2 0.1",
            "layer1.0.conv2 0.5");
    assertThat(sweep.grids()).extracting(Grid::label).contains("main (layer = layer1.0.conv1)");
    Set<String> keys = new HashSet<>();
    InputHashes inputs = new InputHashes("n", Optional.of("w"), "d");
    sweep.cells().forEach(cell -> keys.add(CellKeys.of(cell.config(), inputs).cell()));
    assertThat(keys).hasSize(6);
    Set<String> scores = new HashSet<>();
    sweep.cells().forEach(cell -> scores.add(CellKeys.of(cell.config(), inputs).score()));
    assertThat(scores).as("one score for all layers").hasSize(1);
    assertThat(sweep.cells().get(0).config().chosen()).containsEntry("layer", "conv1");
  }

  @Test
  void layersMayBeListedOrNamed() {
    assertThat(cells(read(BASE + "layer = [conv1, \"layer1.*\"]")))
        .containsExactly("conv1 0.1", "conv1 0.5", "layer1.* 0.1", "layer1.* 0.5");
    assertThat(cells(read(BASE + "layer = \"layer1.*\"")))
        .containsExactly("layer1.* 0.1", "layer1.* 0.5");
    assertThat(cells(read(BASE + "vary { layer = [conv1] }"))).hasSize(2);
    assertThat(cells(read(BASE))).containsExactly("all 0.1", "all 0.5");
    assertThat(cells(read(BASE + "layer = each, grids { a { layer = conv1 }, b {} }")))
        .hasSize(2 + 6);
  }

  @Test
  void modelsWithOtherLayersNeedGridsOfTheirOwn() {
    String two =
        "data = fashion, methods = [ln], ratios = [0.5], layer = each, train.epochs = 1\n"
            + "models = [{ name = resnet20, weights = procedural }, small-cnn]";
    assertThat(problems(two))
        .singleElement()
        .asString()
        .contains("sweep.layer is each, but the models have other layers");
    assertThat(problems(BASE + "layer = linear"))
        .singleElement()
        .asString()
        .contains("no channel of resnet20 can go");
    assertThat(problems(BASE.replace("[ln]", "[{ name = ln, layer = [a, b] }]")))
        .singleElement()
        .asString()
        .contains("layer is [\"a\",\"b\"]; allowed: all, or a glob over layer names");
  }
}
