package io.prunegrid.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.prunegrid.common.BadInput;
import io.prunegrid.job.sweep.Sweep;
import io.prunegrid.job.sweep.SweepFile;
import io.prunegrid.pipeline.CellKeys;
import io.prunegrid.pipeline.Inputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores that a command saves are scores that another command, or a sweep, reads. */
class ExternalScoresCommandTest {
  private static final String[] NETWORK = {"--model", "small-cnn", "--weights", "procedural"};

  @TempDir Path folder;

  @Test
  void savedScoresPruneAsTheirMethodDoes() {
    Path file = folder.resolve("mine.safetensors");
    JsonNode shown = command("score", "--method", "ln", "--save", file.toString());
    assertThat(shown.get("base").asText()).hasSize(64);
    JsonNode own = command("prune", "--method", "ln", "--ratio", "0.5");
    JsonNode read =
        command("prune", "--method", "external", "--set", "scores=" + file, "--ratio", "0.5");
    assertThat(read).isEqualTo(own);

    Shell.Outcome weights = run("score", "--method", "magnitude", "--save", file.toString());
    assertThat(weights.code()).isEqualTo(2);
    assertThat(weights.errors()).singleElement().asString().contains("it ranks weights");
    Shell.Outcome other =
        Shell.run(
            "prune",
            "--model",
            "resnet20",
            "--weights",
            "procedural",
            "--method",
            "external",
            "--set",
            "scores=" + file,
            "--ratio",
            "0.5");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("unknown layer 'linear1'").contains("is for the base");
    Shell.Outcome none = run("prune", "--method", "external", "--ratio", "0.5");
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.errors()).singleElement().asString().contains("needs scores = FILE");
  }

  @Test
  void aSweepKnowsTheFileByItsContentAndRefusesWhatDoesNotFitBeforeItRuns() throws IOException {
    Path file = folder.resolve("mine.safetensors");
    command("score", "--method", "ln", "--save", file.toString());
    String key = key(file);
    Path copy = Files.copy(file, folder.resolve("copy.safetensors"));
    assertThat(key(copy)).isEqualTo(key);
    command("score", "--method", "ln", "--set", "p=2", "--save", file.toString());
    assertThat(key(file)).isNotEqualTo(key);

    Files.writeString(file, "no scores");
    assertThat(catchThrowableOfType(BadInput.class, () -> key(file)).problems())
        .singleElement()
        .asString()
        .contains("sweep.methods[0]: external cannot score small-cnn")
        .contains("mine.safetensors");
  }

  @Test
  void whatOnlyChangesRetrainingNeedsOne() throws IOException {
    String sweep =
        """
        sweep {
          data = fashion
          models = [ { name = small-cnn, weights = procedural } ]
          methods = [ gradient-only, { name = ln, steps = 2, between = retrain } ]
          ratios = [0.5]
          retrain { epochs = %d }
        }
        """;
    assertThat(read(sweep.formatted(1)).cells()).hasSize(2);
    assertThat(read(sweep.formatted(0).replace("[0.5]", "[0]")).cells()).hasSize(2);
    assertThat(catchThrowableOfType(BadInput.class, () -> read(sweep.formatted(0))).problems())
        .satisfiesExactly(
            p -> assertThat(p).contains("gradient-only changes retraining alone"),
            p -> assertThat(p).contains("between is retrain, but retrain.epochs is 0"));
    Shell.Outcome single = run("prune", "--method", "gradient-only", "--ratio", "0.5");
    assertThat(single.code()).isEqualTo(2);
    assertThat(single.errors()).singleElement().asString().contains("which a sweep does");
  }

  private String key(Path file) {
    Sweep sweep =
        read(
            """
            sweep {
              data = fashion
              models = [ { name = small-cnn, weights = procedural } ]
              methods = [ { name = external, scores = "%s" } ]
              ratios = [0.5]
            }
            """
                .formatted(file));
    return CellKeys.of(
            sweep.cells().get(0).config(), new Inputs().hashes(sweep.cells().get(0).config()))
        .cell();
  }

  private Sweep read(String text) {
    try {
      return SweepFile.read(Files.writeString(folder.resolve("s.conf"), text), List.of());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static JsonNode command(String... arguments) {
    return Shell.json(joined(arguments));
  }

  private static Shell.Outcome run(String... arguments) {
    return Shell.run(joined(arguments));
  }

  private static String[] joined(String... arguments) {
    List<String> all = new java.util.ArrayList<>(List.of(arguments));
    all.addAll(1, List.of(NETWORK));
    return all.toArray(String[]::new);
  }
}
