package io.prunegrid.format.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.format.Npz;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.Tensor;
import io.prunegrid.testing.ReferenceInterpreter;
import io.prunegrid.testing.Shared;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxImportTest {
  private static final Path NOWHERE = Path.of("does/not/exist.onnx");

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
  void whatPyTorchExportedComputesWhatPyTorchComputed(String name) {
    Model model = OnnxImport.read(Shared.require("oracle/onnx/" + name + ".onnx"));
    Map<String, Tensor> arrays = Npz.read(Shared.require("oracle/onnx/" + name + ".npz"));
    assertAgrees(model, arrays.get("x"), arrays.get("y"));
  }

  /** Every output within 1e-4 of the largest. */
  static void assertAgrees(Model model, Tensor x, Tensor y) {
    int images = x.shape().dim(0);
    int length = x.size() / images;
    int width = y.size() / images;
    double largest = 0;
    for (int i = 0; i < y.size(); i++) {
      largest = Math.max(largest, Math.abs(y.at(i)));
    }
    ReferenceInterpreter interpreter = new ReferenceInterpreter(model);
    for (int image = 0; image < images; image++) {
      double[] input = new double[length];
      for (int i = 0; i < length; i++) {
        input[i] = x.at(image * length + i);
      }
      double[] output = interpreter.output(input);
      assertThat(output).hasSize(width);
      for (int i = 0; i < width; i++) {
        assertThat(output[i])
            .as("output %d of image %d", i, image)
            .isCloseTo(y.at(image * width + i), Offset.offset(1e-4 * largest));
      }
    }
  }

  @Test
  void aLayerIsNamedByItsWeightElseByItsNode() {
    Model model = OnnxImport.read(Shared.require("oracle/onnx/vgg_flat_op17.onnx"));

    assertThat(model.graph().layers())
        .extracting(Node::name)
        .containsExactly("f.0", "/f/f.3/Conv", "f.7", "c.0", "c.3");
    assertThat(model.graph().input()).isEqualTo(Shape.of(3, 32, 32));
  }

  @Test
  void aShuffledNetworkIsReadAsShuffles() {
    Model model = OnnxImport.read(Shared.require("oracle/onnx/shufflenet_v2_x0_5_c10_op11.onnx"));

    assertThat(model.graph().nodes())
        .filteredOn(node -> node.op() instanceof ShapeOp.ChannelShuffle)
        .hasSize(16);
    assertThat(model.graph().nodes()).noneMatch(node -> node.op() instanceof ShapeOp.Transpose);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "densenet_small_bn_op13",
        "mobilenet_v2_w035_op11",
        "shufflenet_v2_x0_5_c10_op11",
        "small_res_bn_op13",
        "squeezenet1_1_c10_op11",
        "vgg_flat_op17"
      })
  void halfOfAnImportedNetworkCanGo(String name) {
    Model model = OnnxImport.read(Shared.require("oracle/onnx/" + name + ".onnx"));
    CoupledChannels channels = CoupledChannels.of(model.graph());
    SplitMix64 stream = SplitMix64.stream(3, "scores");
    double[] scores = channels.classes().stream().mapToDouble(c -> stream.nextDouble()).toArray();
    Selection half = Selection.select(channels, scores, 0.5, SelectionConfig.defaults());

    Model smaller = Removal.remove(model, channels, half).model();

    assertThat(smaller.parameterCount()).isLessThan(model.parameterCount() / 2);
    Tensor x = Npz.read(Shared.require("oracle/onnx/" + name + ".npz")).get("x");
    double[] image = new double[Math.toIntExact(model.graph().input().size())];
    Arrays.setAll(image, x::at);
    double[] silenced =
        new ReferenceInterpreter(Removal.zero(model, channels, half).model()).output(image);
    double[] output = new ReferenceInterpreter(smaller).output(image);
    double largest = Arrays.stream(silenced).map(Math::abs).max().orElseThrow();
    assertThat(output).containsExactly(silenced, Offset.offset(1e-9 * Math.max(1, largest)));
  }

  @Test
  void aFileThatIsMissingIsSaidToBe() {
    assertThatThrownBy(() -> OnnxImport.read(NOWHERE))
        .isInstanceOf(BadInput.class)
        .hasMessage(NOWHERE + " does not exist");
  }
}
