package io.prunegrid.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.prunegrid.format.ModelFolder;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person looks at what would go, changes it, and has just that removed. */
class HandOnSelectionTest {
  private static final List<String> NETWORK =
      List.of("--model", "small-cnn", "--weights", "procedural");

  @TempDir Path folder;

  private static String[] command(String name, String... more) {
    List<String> words = new ArrayList<>(List.of(name));
    words.addAll(NETWORK);
    words.addAll(Arrays.asList(more));
    return words.toArray(String[]::new);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void whatADryRunWritesIsWhatIsRemovedByHand() {
    JsonNode dry =
        Shell.json(
            command(
                "prune",
                "--method",
                "ln",
                "--ratio",
                "0.3",
                "--dry-run",
                "--select-json",
                path("s.json")));
    JsonNode byMethod =
        Shell.json(command("prune", "--method", "ln", "--ratio", "0.3", "--out", path("a")));
    JsonNode byHand =
        Shell.json(command("prune", "--from-selection", path("s.json"), "--out", path("b")));

    assertThat(byHand).isEqualTo(byMethod).isEqualTo(dry);
    assertThat(ModelFolder.read(folder.resolve("b")).model())
        .isEqualTo(ModelFolder.read(folder.resolve("a")).model());
  }

  @Test
  void anEditedSelectionIsAppliedExactly() throws IOException {
    Shell.json(
        command(
            "prune",
            "--method",
            "ln",
            "--ratio",
            "0.3",
            "--dry-run",
            "--select-json",
            path("s.json")));
    ObjectMapper json = new ObjectMapper();
    JsonNode selection = json.readTree(folder.resolve("s.json").toFile());
    ArrayNode remove = (ArrayNode) selection.at("/layers/conv2/remove");
    remove.removeAll().add(0).add(2);
    json.writeValue(folder.resolve("s.json").toFile(), selection);

    JsonNode answer = Shell.json(command("prune", "--from-selection", path("s.json")));

    List<Integer> kept = new ArrayList<>();
    answer.at("/layers/conv2/out/kept").forEach(channel -> kept.add(channel.asInt()));
    assertThat(kept).hasSize(answer.at("/layers/conv2/out/of").asInt() - 2).doesNotContain(0, 2);
  }

  @Test
  void whatWouldBreakIsToldAndNothingIsWritten() throws IOException {
    Files.writeString(
        folder.resolve("s.json"),
        "{\"version\":1,\"network\":\"small-cnn\",\"layers\":{\"conv1\":{\"of\":32,\"remove\":[32]},"
            + "\"linear2\":{\"of\":10,\"remove\":[1]},\"cnv2\":{\"of\":1,\"remove\":[0]}}}");
    Shell.Outcome outcome =
        Shell.run(command("prune", "--from-selection", path("s.json"), "--out", path("m")));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.errors())
        .anyMatch(line -> line.contains("'conv1' channel 32 does not exist"))
        .anyMatch(line -> line.contains("'linear2' channel 1 cannot go"))
        .anyMatch(line -> line.contains("'cnv2'"));
    assertThat(outcome.errors())
        .allMatch(line -> line.startsWith("error: " + path("s.json") + ": "));
    assertThat(folder.resolve("m")).doesNotExist();
  }

  @Test
  void aListThatCannotBeReadHidesNothingElseOfTheFile() throws IOException {
    Files.writeString(
        folder.resolve("s.json"),
        "{\"version\":1,\"network\":\"small-cnn\",\"layers\":{\"conv1\":{\"of\":32,\"remove\":[3,3,-1]},"
            + "\"conv2\":{\"of\":7,\"remove\":[99]},\"cnv2\":{\"of\":1,\"remove\":[0]}},\"more\":1}");
    Shell.Outcome outcome = Shell.run(command("prune", "--from-selection", path("s.json")));
    assertThat(outcome.code()).isEqualTo(2);
    String file = "error: " + path("s.json") + ": ";
    assertThat(outcome.errors())
        .hasSize(6)
        .contains(
            file + "layer 'conv1' has '-1' in remove, expected whole numbers from 0 to 2147483647",
            file + "the selection has the unknown field 'more'",
            file + "layer 'conv1' channel 3 is listed twice")
        .anyMatch(line -> line.startsWith(file + "layer 'conv2' has ") && line.endsWith("says 7"))
        .anyMatch(line -> line.startsWith(file + "layer 'conv2' channel 99 does not exist"))
        .anyMatch(line -> line.startsWith(file + "unknown layer 'cnv2'"));
    Files.writeString(
        folder.resolve("s.json"), "{\"version\":1,\"network\":\"resnet20\",\"layers\":{}}");
    assertThat(Shell.run(command("prune", "--from-selection", path("s.json"))).errors())
        .containsExactly(file + "the selection is of resnet20, but the model is small-cnn");
  }

  @Test
  void optionsThatContradictEachOtherAreRefused() {
    Shell.Outcome outcome =
        Shell.run(
            command(
                "prune",
                "--from-selection",
                path("s.json"),
                "--method",
                "ln",
                "--ratio",
                "0.3",
                "--scope",
                "global",
                "--dry-run",
                "--out",
                path("m")));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.errors())
        .anyMatch(line -> line.contains("--method"))
        .anyMatch(line -> line.contains("--ratio"))
        .anyMatch(line -> line.contains("--scope"))
        .anyMatch(line -> line.contains("--dry-run"));
    assertThat(
            Shell.run(
                    command(
                        "prune",
                        "--method",
                        "magnitude",
                        "--ratio",
                        "0.3",
                        "--select-json",
                        path("s.json")))
                .errors())
        .singleElement()
        .asString()
        .contains("magnitude masks weights");
  }

  @Test
  void aMaskedModelKeepsItsOriginalsUntilTheyAreMadePermanent() {
    Shell.json(
        command("prune", "--method", "magnitude", "--ratio", "0.5", "--out", path("masked")));
    Path masked = folder.resolve("masked");
    assertThat(masked.resolve("masks.safetensors")).exists();
    assertThat(masked.resolve("originals.safetensors")).exists();

    JsonNode answer =
        Shell.json("restore", "--model", masked.toString(), "--out", path("restored"));
    assertThat(answer.get("weights").asLong()).isPositive();
    assertThat(ModelFolder.read(folder.resolve("restored")).masked()).isEmpty();
    JsonNode zeros = Shell.json("inspect", "--sparsity", "--model", path("restored"));
    JsonNode before = Shell.json(command("inspect", "--sparsity"));
    assertThat(zeros.get("sparsity")).isEqualTo(before.get("sparsity"));
    assertThat(ModelFolder.read(folder.resolve("restored")).model().weights().contentHash())
        .isEqualTo(procedural());

    Shell.json("prune", "--model", masked.toString(), "--make-permanent", "--out", path("p"));
    assertThat(folder.resolve("p").resolve("masks.safetensors")).doesNotExist();
    assertThat(ModelFolder.read(folder.resolve("p")).model())
        .isEqualTo(ModelFolder.read(masked).model());
    Shell.Outcome none = Shell.run("restore", "--model", path("p"), "--out", path("r"));
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("carries no masks");
  }

  private static String procedural() {
    ModelGraph graph = Zoo.build("small-cnn", Zoo.publishedSize("small-cnn"));
    return Procedural.weights(graph).contentHash();
  }

  @Test
  void masksAreNotLostInSilence() {
    Shell.json(
        command("prune", "--method", "magnitude", "--ratio", "0.5", "--out", path("masked")));
    Shell.Outcome outcome =
        Shell.run("prune", "--model", path("masked"), "--method", "ln", "--ratio", "0.3");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("carries masks", "--make-permanent");
    Shell.json(
        "prune",
        "--model",
        path("masked"),
        "--method",
        "ln",
        "--ratio",
        "0.3",
        "--make-permanent",
        "--out",
        path("smaller"));
    assertThat(ModelFolder.read(folder.resolve("smaller")).masked()).isEmpty();
  }

  @Test
  void groupsAndZerosAreShown() {
    JsonNode groups = Shell.json(command("inspect", "--groups")).get("groups");
    assertThat(groups.findValues("producers").toString()).contains("conv1", "linear2");
    assertThat(groups.get(groups.size() - 1).get("pinned").asText()).contains("reaches the output");
    assertThat(Shell.run(command("inspect", "--groups")).out())
        .contains("made by", "read by", "stays");
    JsonNode stream =
        Shell.json("inspect", "--model", "resnet20", "--groups").at("/groups/1/positions");
    assertThat(Shell.run("inspect", "--model", "resnet20", "--groups").out())
        .contains("made by     conv1 [0-15], layer1.0.conv2 [0-15]")
        .contains("layer2.0.conv2 [8-23]", "layer3.2.conv2 [24-39]");
    assertThat(stream.get("conv1").get(3).toString()).isEqualTo("[3]");
    assertThat(stream.get("layer3.2.conv2").get(3).toString()).isEqualTo("[27]");

    Shell.json(
        command("prune", "--method", "magnitude", "--ratio", "0.5", "--out", path("masked")));
    JsonNode total =
        Shell.json("inspect", "--sparsity", "--model", path("masked")).at("/sparsity/total");
    assertThat(total.get("share").asDouble()).isBetween(0.4, 0.5);
    assertThat(Shell.run("inspect", "--sparsity", "--model", path("masked")).out())
        .contains("conv1.weight", "all parameters");
    assertThat(Shell.run("inspect", "--sparsity", "--model", "small-cnn").code()).isEqualTo(2);
  }
}
