package io.prunegrid.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.prunegrid.format.ModelCard;
import io.prunegrid.format.ModelFolder;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.zoo.Procedural;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks that tell no classes apart: with several outputs, or with one for each pixel. */
class NoClassifierTest {
  @TempDir Path folder;

  private String several() {
    GraphBuilder graph = new GraphBuilder(Shape.of(1, 28, 28));
    String x = graph.relu("relu", graph.conv("conv1", graph.input(), 8, 3, 2, 1, Bias.YES));
    String near = graph.conv("near", x, 4, 1, 1, 0, Bias.YES);
    String far =
        graph.conv("far", graph.conv("conv2", x, 8, 3, 2, 1, Bias.YES), 4, 1, 1, 0, Bias.YES);
    return saved("several", graph.build(near, far), 0);
  }

  private String dense() {
    GraphBuilder graph = new GraphBuilder(Shape.of(1, 28, 28));
    String x = graph.relu("relu", graph.conv("conv1", graph.input(), 8, 3, 2, 1, Bias.YES));
    return saved("dense", graph.build(graph.conv("mask", x, 10, 1, 1, 0, Bias.YES)), 10);
  }

  private String saved(String name, ModelGraph graph, int classes) {
    Path model = folder.resolve(name);
    ModelFolder.write(
        model,
        new Model(graph, Procedural.weights(graph)),
        new ModelCard(
            name, IntStream.range(0, classes).boxed().toList(), Optional.empty(), new TreeMap<>()));
    return model.toString();
  }

  @Test
  void aNetworkWithSeveralOutputsIsPrunedSavedAndExported() {
    String smaller = folder.resolve("smaller").toString();
    JsonNode pruned =
        Shell.json(
            "prune", "--model", several(), "--method", "ln", "--ratio", "0.5", "--out", smaller);
    assertThat(pruned.at("/params/after").asLong())
        .isLessThan(pruned.at("/params/before").asLong());

    String file = folder.resolve("smaller.onnx").toString();
    JsonNode exported = Shell.json("export", "--model", smaller, "--format", "onnx", "--out", file);
    assertThat(exported.get("verified").asBoolean()).isTrue();

    JsonNode again =
        Shell.json("prune", "--model", file, "--method", "ln", "--ratio", "0.5", "--dry-run");
    assertThat(again.at("/params/before")).isEqualTo(pruned.at("/params/after"));
  }

  static Stream<List<String>> whatLooksAtImages() {
    return Stream.of(
        List.of("evaluate", "--data", "fashion"),
        List.of("score", "--method", "taylor", "--data", "fashion"),
        List.of("prune", "--method", "lrp", "--ratio", "0.5", "--data", "fashion", "--dry-run"),
        List.of("plan", "--data", "fashion", "--method", "ln", "--ratio", "0.5"),
        List.of("run", "--data", "fashion", "--method", "taylor", "--ratio", "0.5"));
  }

  @ParameterizedTest
  @MethodSource("whatLooksAtImages")
  void whatNeedsClassesIsRefusedByName(List<String> command) {
    assertThat(refusal(command, several()))
        .contains(
            "several classifies no images: it has 2 outputs, near, far; allowed: networks with one"
                + " output, one number for each class");
    assertThat(refusal(command, dense()))
        .contains(
            "dense classifies no images: its output mask has the shape (10x14x14); allowed:"
                + " networks with one number for each class");
  }

  private String refusal(List<String> command, String model) {
    Path results = folder.resolve("results");
    Stream<String> more =
        command.get(0).equals("run")
            ? Stream.of("--model", model, "--results", results.toString())
            : Stream.of("--model", model);
    Shell.Outcome outcome = Shell.run(Stream.concat(command.stream(), more).toArray(String[]::new));
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.errors()).as(outcome.err()).hasSize(1);
    assertThat(results).satisfies(path -> assertThat(Files.exists(path)).isFalse());
    return outcome.err();
  }

  @Test
  void theZoosOwnAreRefusedBeforeTheyAreTrained() {
    Shell.Outcome outcome =
        Shell.run(
            "plan",
            "--model",
            "fcn_resnet50",
            "--data",
            "fashion",
            "--method",
            "ln",
            "--ratio",
            "0.5");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("fcn_resnet50 classifies no images: its output ");
  }
}
