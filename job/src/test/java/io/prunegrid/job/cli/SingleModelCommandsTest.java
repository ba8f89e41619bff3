package io.prunegrid.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.prunegrid.testing.PruningOracle;
import io.prunegrid.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SingleModelCommandsTest {
  @TempDir Path folder;

  private static String weights(String file) {
    return Shared.require("data/weights").resolve(file).toString();
  }

  private static String cifar() {
    return "cifar10:" + Shared.require("data/cifar10");
  }

  private static JsonNode oracle(String model) throws IOException {
    return Shell.parse(Files.readString(Shared.require("oracle/cifar10/accuracy.json"))).get(model);
  }

  @ParameterizedTest
  @CsvSource({
    "resnet20, resnet20-12fca82f.th",
    "resnet20, resnet20-zip.pth",
    "resnet56, resnet56-4bfd9763.th"
  })
  void realWeightsOnRealImagesCountAsTheReferenceDoes(String model, String file)
      throws IOException {
    JsonNode reference = oracle(model);
    JsonNode answer =
        Shell.json("evaluate", "--model", model, "--weights", weights(file), "--data", cifar());

    assertThat(answer.get("n").asInt()).isEqualTo(reference.get("n").asInt());
    assertThat(answer.get("correct").asInt()).isEqualTo(reference.get("correct").asInt());
    assertThat(answer.get("top1").asDouble())
        .isCloseTo(reference.get("top1").asDouble(), within(1e-12));
    assertThat(answer.get("top5").asDouble())
        .isCloseTo(reference.get("top5").asDouble(), within(1e-12));
    List<Integer> correct = new ArrayList<>();
    answer.get("perClass").forEach(entry -> correct.add(entry.get("correct").asInt()));
    List<Integer> expected = new ArrayList<>();
    reference.get("per_class").forEach(entry -> expected.add(entry.get("correct").asInt()));
    assertThat(correct).isEqualTo(expected);

    JsonNode vehicles =
        Shell.json(
            "evaluate",
            "--model",
            model,
            "--weights",
            weights(file),
            "--data",
            cifar(),
            "--subset",
            "airplane,1,8,9");
    assertThat(vehicles.get("correct").asInt())
        .isEqualTo(reference.get("vehicles_0_1_8_9_head_rows").get("correct").asInt());
    assertThat(vehicles.get("top5").isNull()).isTrue();
    assertThat(vehicles.get("perClass").findValuesAsText("class"))
        .containsExactly("0", "1", "8", "9");
  }

  @Test
  void logitsAreTheReferencesWithinATenthOfAThousandth() throws IOException {
    JsonNode answer =
        Shell.json(
            "infer",
            "--model",
            "resnet20",
            "--weights",
            weights("resnet20-12fca82f.th"),
            "--data",
            cifar(),
            "--samples",
            "4");
    JsonNode expected = oracle("resnet20").get("logits_first4");

    assertThat(answer.get("shape").toString()).isEqualTo("[4,10]");
    for (int i = 0; i < 40; i++) {
      assertThat(answer.get("output").get(i).asDouble())
          .isCloseTo(expected.get(i / 10).get(i % 10).asDouble(), within(1e-4 * 32.2));
    }
  }

  @Test
  void severalOutputsAnswerByName() throws IOException {
    JsonNode answer =
        Shell.json(
            "infer",
            "--model",
            "retinanet_dense",
            "--weights",
            "procedural",
            "--resolution",
            "128",
            "--input",
            "procedural:0");
    List<PruningOracle.Recorded> recorded = PruningOracle.read("retinanet_dense").base().outputs();

    assertThat(answer.size()).isEqualTo(1);
    assertThat(answer.get("outputs").fieldNames())
        .toIterable()
        .containsExactlyElementsOf(recorded.stream().map(PruningOracle.Recorded::name).toList());
    for (PruningOracle.Recorded expected : recorded) {
      JsonNode output = answer.get("outputs").get(expected.name());
      double squares = 0;
      for (JsonNode value : output.get("output")) {
        squares += value.asDouble() * value.asDouble();
      }
      assertThat(Math.sqrt(squares)).isCloseTo(expected.length(), within(1e-4 * expected.length()));
      assertThat(output.at("/shape/0").asInt()).isEqualTo(1);
      for (int i = 0; i < 8; i++) {
        assertThat(output.get("output").get(i).asDouble())
            .isCloseTo(expected.firstLogits()[i], within(1e-4));
      }
    }
  }

  @Test
  void aPrunedModelTravelsAsAFolder() throws IOException {
    Path out = folder.resolve("pruned");
    JsonNode pruned =
        Shell.json(
            "prune",
            "--model",
            "resnet20",
            "--weights",
            weights("resnet20-12fca82f.th"),
            "--data",
            cifar(),
            "--method",
            "taylor",
            "--samples",
            "40",
            "--ratio",
            "0.25",
            "--ignore",
            "conv1,*.conv2",
            "--subset",
            "8,0",
            "--set",
            "head=subset",
            "--set",
            "method.head=subset",
            "--out",
            out.toString());
    JsonNode whole = Shell.json("evaluate", "--model", out.toString());

    assertThat(whole.get("n").asInt()).isEqualTo(215);
    assertThat(whole.get("params").asLong())
        .isEqualTo(pruned.get("params").get("after").asLong())
        .isLessThan(pruned.get("params").get("before").asLong());
    assertThat(whole.get("bytes").asLong())
        .isEqualTo(Files.size(out.resolve("weights.safetensors")));
    assertThat(whole.get("perClass").findValuesAsText("class")).containsExactly("0", "8");

    JsonNode ships = Shell.json("evaluate", "--model", out.toString(), "--subset", "ship");
    assertThat(ships.get("n").asInt()).isEqualTo(ships.get("correct").asInt()).isEqualTo(110);
    assertThat(Shell.run("evaluate", "--model", out.toString(), "--subset", "0,1").errors())
        .containsExactly(
            "error: the network's head has no output for class 1; it has classes 8, 0");
    assertThat(Shell.run("evaluate", "--model", out.toString(), "--num-classes", "10").errors())
        .containsExactly("error: model folder " + out + " has 2 outputs, not 10");

    Shell.Outcome again =
        Shell.run(
            "prune",
            "--model",
            out.toString(),
            "--method",
            "ln",
            "--ratio",
            "0.5",
            "--json",
            folder.resolve("again.json").toString());
    assertThat(again.code()).isZero();
    assertThat(folder.resolve("again.json")).exists();
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void everyLayerThatOwnsWeightsIsListedWithWhatItKeepsAndReads() {
    JsonNode answer =
        Shell.json(
            "prune",
            "--model",
            "small-cnn",
            "--weights",
            "procedural",
            "--method",
            "ln",
            "--ratio",
            "0.5");

    List<String> layers = new ArrayList<>();
    answer.get("layers").fieldNames().forEachRemaining(layers::add);
    assertThat(layers)
        .containsExactly("conv1", "bn1", "conv2", "bn2", "conv3", "bn3", "linear1", "linear2");
    assertThat(answer.at("/layers/conv1/out/of").asInt()).isEqualTo(32);
    assertThat(answer.at("/layers/conv1/out/kept").size()).isEqualTo(16);
    assertThat(answer.at("/layers/conv2/in/of").asInt()).isEqualTo(32);
    assertThat(answer.at("/layers/conv2/in/kept")).isEqualTo(answer.at("/layers/conv1/out/kept"));
    assertThat(answer.at("/layers/bn1/in").isMissingNode()).isTrue();
    assertThat(answer.at("/layers/linear1/in/of").asInt()).isEqualTo(64 * 3 * 3);
    assertThat(answer.at("/layers/linear1/in/kept").size()).isEqualTo(32 * 3 * 3);
    assertThat(answer.at("/layers/linear2/out/kept").size()).isEqualTo(10);
    assertThat(answer.at("/params/before").asLong()).isEqualTo(93_482);
  }

  @Test
  void scoresOfChannelsGroupsAndWeightsHaveTheirShapes() {
    String[] network = {"--model", "small-cnn", "--weights", "procedural"};
    JsonNode channels = score(network, "ln");
    assertThat(channels.get("method").asText()).isEqualTo("ln");
    assertThat(channels.at("/layers/conv2").size()).isEqualTo(64);

    JsonNode groups = score(network, "group-magnitude");
    assertThat(groups.at("/layers/bn1")).isEqualTo(groups.at("/layers/conv1"));
    assertThat(groups.at("/layers/linear2").size()).isEqualTo(10);
    groups.at("/layers/linear2").forEach(score -> assertThat(score.isNull()).isTrue());

    JsonNode weights = score(network, "magnitude");
    assertThat(weights.has("layers")).isFalse();
    assertThat(weights.at("/weights/conv2.weight/shape").toString()).isEqualTo("[64,32,3,3]");
    assertThat(weights.at("/weights/conv2.weight/values").size()).isEqualTo(64 * 32 * 9);
  }

  @Test
  void whatASelectionRanksIsGivenWhereItIsAskedFor() {
    String[] network = {"--model", "resnet20", "--weights", "procedural"};
    JsonNode measured = score(network, "ln");
    JsonNode ranked = score(network, "ln", "--ranked", "--set", "normalizer=sum");
    double sum = 0;
    for (JsonNode norm : measured.at("/layers/layer2.0.conv1")) {
      sum += norm.asDouble();
    }
    for (int c = 0; c < 32; c++) {
      assertThat(ranked.at("/layers/layer2.0.conv1/" + c).asDouble())
          .isCloseTo(measured.at("/layers/layer2.0.conv1/" + c).asDouble() / sum, within(1e-12));
    }
    assertThat(ranked.at("/layers/layer1.0.conv2")).isEqualTo(ranked.at("/layers/conv1"));
    assertThat(measured.at("/layers/layer1.0.conv2")).isNotEqualTo(measured.at("/layers/conv1"));
    assertThat(ranked.at("/layers/linear/0").isNull()).isTrue();
  }

  private static JsonNode score(String[] network, String method, String... more) {
    List<String> arguments = new ArrayList<>(List.of("score"));
    arguments.addAll(List.of(network));
    arguments.addAll(List.of("--method", method));
    arguments.addAll(List.of(more));
    return Shell.json(arguments.toArray(String[]::new));
  }

  @Test
  void generatedInputsAndNumbersReadBackExactly() {
    JsonNode once =
        Shell.json(
            "infer", "--model", "small-cnn", "--weights", "procedural", "--input", "procedural:3");
    JsonNode twice =
        Shell.json(
            "infer",
            "--model",
            "small-cnn",
            "--weights",
            "procedural",
            "--input",
            "procedural:3",
            "--samples",
            "2");

    assertThat(once.get("shape").toString()).isEqualTo("[1,10]");
    assertThat(twice.get("shape").toString()).isEqualTo("[2,10]");
    Iterator<JsonNode> values = once.get("output").elements();
    for (int i = 0; values.hasNext(); i++) {
      String text = values.next().asText();
      assertThat(Float.toString(Float.parseFloat(text))).isEqualTo(text);
      assertThat((float) twice.get("output").get(i).asDouble())
          .isCloseTo(Float.parseFloat(text), within(1e-4f));
    }
  }

  @Test
  void aStructureCanBeSeenWithoutWeights() {
    JsonNode answer = Shell.json("inspect", "--model", "resnet20", "--ignore", "conv1,*.conv2");

    assertThat(answer.get("params").asLong()).isEqualTo(269_722);
    assertThat(answer.get("bundles").asInt()).isEqualTo(9);
    assertThat(answer.get("prunable").asInt()).isEqualTo(3 * (16 + 32 + 64));
    assertThat(Shell.run("inspect", "--model", "vgg16", "--data", "fashion").code()).isEqualTo(2);
  }
}
