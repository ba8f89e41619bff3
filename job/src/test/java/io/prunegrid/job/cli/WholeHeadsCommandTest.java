package io.prunegrid.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.prunegrid.format.ModelCard;
import io.prunegrid.format.ModelFolder;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.TokenOp.MultiHeadAttention;
import io.prunegrid.testing.SmallTransformer;
import io.prunegrid.zoo.Procedural;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that take whole heads out of attention. */
class WholeHeadsCommandTest {
  @TempDir Path folder;

  /** Four heads of three channels. */
  @BeforeEach
  void save() {
    ModelGraph graph = SmallTransformer.graph(12, 4);
    ModelCard card =
        new ModelCard("small", List.of(0, 1, 2, 3, 4), Optional.empty(), new TreeMap<>());
    ModelFolder.write(folder.resolve("small"), new Model(graph, Procedural.weights(graph)), card);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private String[] command(String name, String... more) {
    List<String> words = new ArrayList<>(List.of(name, "--model", path("small")));
    words.addAll(Arrays.asList(more));
    return words.toArray(String[]::new);
  }

  private MultiHeadAttention attention(String name) {
    ModelGraph graph = ModelFolder.read(folder.resolve(name)).model().graph();
    return (MultiHeadAttention) graph.node("layer0.attention").op();
  }

  @Test
  void inspectCountsHeads() {
    JsonNode vision = Shell.json("inspect", "--model", "vit_b_16", "--attention", "heads");
    assertThat(vision.get("prunable").asInt()).isEqualTo(12 + 12 * 3072);
    assertThat(vision.get("bundles").asInt()).isEqualTo(13);
    assertThat(Shell.json("inspect", "--model", "vit_b_16").get("prunable").asInt())
        .isEqualTo(64 + 12 * 3072);
    assertThat(Shell.json("inspect", "--model", "resnet20", "--attention", "heads"))
        .isEqualTo(Shell.json("inspect", "--model", "resnet20"));
  }

  @Test
  void pruneTakesHalfOfTheHeadsWhateverRanksThem() {
    for (String method : List.of("ln", "group-magnitude", "lamp", "fpgm", "random")) {
      Shell.json(
          command(
              "prune",
              "--method",
              method,
              "--ratio",
              "0.5",
              "--attention",
              "heads",
              "--out",
              path(method)));
      assertThat(attention(method)).as(method).isEqualTo(new MultiHeadAttention(6, 2, true));
      assertThat(ModelFolder.read(folder.resolve(method)).card().made())
          .containsEntry("attention", "heads");
    }
    Shell.json(command("prune", "--method", "ln", "--ratio", "0.5", "--out", path("narrow")));
    assertThat(attention("narrow")).isEqualTo(new MultiHeadAttention(4, 4, true));
    assertThat(ModelFolder.read(folder.resolve("narrow")).card().made())
        .doesNotContainKey("attention");
  }

  @Test
  void stepsAndTargetsTakeHeads() {
    for (String setting : List.of("steps=2", "target=params=0.5", "apply=zero")) {
      Shell.json(
          command(
              "prune",
              "--method",
              "ln",
              "--ratio",
              "0.5",
              "--attention",
              "heads",
              "--set",
              setting,
              "--out",
              path(setting)));
      MultiHeadAttention left = attention(setting);
      assertThat(left.width()).as(setting).isEqualTo(3 * left.heads());
      assertThat(left.heads()).isEqualTo(setting.equals("apply=zero") ? 4 : 2);
    }
  }

  @Test
  void aSelectionOfHeadsIsAppliedWithThem() {
    JsonNode dry =
        Shell.json(
            command(
                "prune",
                "--method",
                "ln",
                "--ratio",
                "0.25",
                "--attention",
                "heads",
                "--dry-run",
                "--select-json",
                path("s.json")));
    JsonNode byHand =
        Shell.json(
            command(
                "prune",
                "--from-selection",
                path("s.json"),
                "--attention",
                "heads",
                "--out",
                path("hand")));
    assertThat(byHand).isEqualTo(dry);
    assertThat(attention("hand")).isEqualTo(new MultiHeadAttention(9, 3, true));
    Shell.Outcome without = Shell.run(command("prune", "--from-selection", path("s.json")));
    assertThat(without.code()).isEqualTo(2);
    assertThat(without.errors()).anyMatch(line -> line.contains("live and die with others"));
  }

  @Test
  void anythingElseIsRefusedByName() {
    Shell.Outcome outcome =
        Shell.run(command("prune", "--method", "ln", "--ratio", "0.5", "--attention", "head"));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.errors()).anyMatch(line -> line.contains("positions, heads"));
  }
}
