package io.prunegrid.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.prunegrid.format.Safetensors;
import io.prunegrid.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExportCommandTest {
  @TempDir Path folder;

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "densenet_small_bn_op13",
        "densenet_small_op11",
        "mobilenet_v2_w035_bn_op13",
        "mobilenet_v2_w035_op11",
        "shufflenet_v2_x0_5_c10_op11",
        "small_res_bn_op13",
        "small_res_op11",
        "squeezenet1_1_c10_op11",
        "vgg_flat_op11",
        "vgg_flat_op17"
      })
  void anOnnxFileIsPrunedByHalfAndGivenBack(String name) {
    String file = Shared.require("oracle/onnx/" + name + ".onnx").toString();
    JsonNode pruned =
        Shell.json(
            "prune", "--model", file, "--method", "ln", "--ratio", "0.5", "--out", path("half"));
    assertThat(pruned.at("/params/after").asLong())
        .isLessThan(pruned.at("/params/before").asLong() / 2);

    JsonNode exported =
        Shell.json(
            "export", "--model", path("half"), "--format", "onnx", "--out", path("half.onnx"));

    assertThat(exported.get("verified").asBoolean()).isTrue();
    assertThat(exported.get("largestDifference").asDouble()).isLessThan(1e-4);
    JsonNode ours = infer(path("half"));
    JsonNode again = infer(path("half.onnx"));
    assertThat(again.get("shape")).isEqualTo(ours.get("shape"));
    double largest = 0;
    for (JsonNode value : ours.get("output")) {
      largest = Math.max(largest, Math.abs(value.asDouble()));
    }
    for (int i = 0; i < ours.get("output").size(); i++) {
      assertThat(again.get("output").get(i).asDouble())
          .isCloseTo(ours.get("output").get(i).asDouble(), Offset.offset(1e-4 * largest));
    }
  }

  private static JsonNode infer(String model) {
    return Shell.json("infer", "--model", model, "--input", "procedural:3", "--samples", "2");
  }

  @Test
  void aFileThatExistsIsLeftAsItIs() throws IOException {
    Path file = Files.writeString(folder.resolve("net.pt"), "mine");
    String[] export = {
      "export",
      "--model",
      "small-cnn",
      "--weights",
      "procedural",
      "--resolution",
      "14",
      "--format",
      "torchscript",
      "--out",
      file.toString()
    };

    Shell.Outcome refused = Shell.run(export);

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.errors())
        .containsExactly(
            "error: " + file + " exists; it is left as it is; --overwrite replaces it");
    assertThat(file).hasContent("mine");
    Shell.Outcome replaced =
        Shell.run(
            Stream.concat(Stream.of(export), Stream.of("--overwrite")).toArray(String[]::new));
    assertThat(replaced.code()).as(replaced.err()).isZero();
    assertThat(Files.size(file)).isGreaterThan(1000);
  }

  @Test
  void weightsAloneAreTheNetworksTensors() {
    JsonNode answer =
        Shell.json(
            "export",
            "--model",
            "resnet20",
            "--weights",
            "procedural",
            "--format",
            "safetensors",
            "--out",
            path("w.safetensors"));

    assertThat(answer.get("verified").asBoolean()).isFalse();
    assertThat(Safetensors.read(folder.resolve("w.safetensors"))).containsKey("conv1.weight");
  }

  @Test
  void unknownFormatsAndOperatorsAreOneSentence() throws IOException {
    Shell.Outcome format =
        Shell.run(
            "export",
            "--model",
            "resnet20",
            "--weights",
            "procedural",
            "--format",
            "onxx",
            "--out",
            path("x"));
    assertThat(format.code()).isEqualTo(2);
    assertThat(format.errors())
        .containsExactly(
            "error: unknown format 'onxx'; did you mean 'onnx'? allowed: onnx, torchscript,"
                + " safetensors");
    Path broken = Files.write(folder.resolve("broken.onnx"), new byte[] {58, 5, 1});
    Shell.Outcome file = Shell.run("inspect", "--model", broken.toString());
    assertThat(file.code()).isEqualTo(2);
    assertThat(file.errors()).hasSize(1);
    assertThat(file.errors().get(0)).startsWith("error: " + broken + ": is a damaged ONNX file");
  }
}
