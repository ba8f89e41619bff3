package io.prunegrid.format.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.AttentionUnit;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Removal;
import io.prunegrid.format.Npz;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.TokenOp;
import io.prunegrid.testing.PythonTorch;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.ReferenceInterpreter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small modules that PyTorch exports here and now, in every opset and with and without a batch. */
class PyTorchExportsTest {
  @TempDir static Path folder;

  @BeforeAll
  static void export() throws IOException {
    PythonTorch.require();
    PythonTorch.Result result =
        PythonTorch.script("io/prunegrid/format/onnx/cases.py", folder.toString());
    assertThat(result.code()).as(result.output()).isZero();
    assertThat(result.output()).doesNotContain(" opset ");
  }

  @Test
  void everyModuleComputesWhatPyTorchComputes() throws IOException {
    List<String> wrong = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> list = Files.list(folder)) {
      files = list.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(200);
    for (Path file : files) {
      Path recorded = folder.resolve(file.getFileName().toString().replace(".onnx", ".npz"));
      Map<String, Tensor> arrays = Npz.read(recorded);
      try {
        OnnxImportTest.assertAgrees(OnnxImport.read(file), arrays.get("x"), arrays.get("y"));
      } catch (RuntimeException | AssertionError e) {
        wrong.add(file.getFileName() + ": " + e.getMessage());
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void whatPyTorchTakesApartIsPutTogether() {
    for (String opset : List.of("11", "13", "17")) {
      Model model = OnnxImport.read(folder.resolve("vision_op" + opset + "_open.onnx"));
      assertThat(model.graph().nodes())
          .extracting(node -> node.op().getClass().getSimpleName())
          .contains("LayerNorm", "Activation", "Softmax", "Parameter")
          .doesNotContain("Mean", "Arithmetic");
    }
  }

  /** In the way of timm and in torch's own, two heads each. */
  @ParameterizedTest
  @CsvSource({
    "attention, 11, 4",
    "attention, 17, 4",
    "vision, 11, 8",
    "vision, 13, 8",
    "vision, 17, 8"
  })
  void aHeadOfAttentionThatIsWrittenOutGoesWhole(String name, String opset, int width) {
    Model model = OnnxImport.read(folder.resolve(name + "_op" + opset + "_open.onnx"));
    CoupledChannels channels = CoupledChannels.of(model.graph(), AttentionUnit.HEADS);
    Node products =
        model.graph().nodes().stream()
            .filter(node -> node.op() instanceof TokenOp.MatMul)
            .findFirst()
            .orElseThrow();
    int[] heads = channels.classesOf(products.name());
    assertThat(heads).hasSize(2).doesNotHaveDuplicates();
    for (int head : heads) {
      assertThat(channels.classes().get(head).pinned()).isEmpty();
      assertThat(channels.classes().get(head).sites())
          .extracting(site -> site.side() + " " + site.count())
          .contains("IN " + width);
      BitSet removed = new BitSet();
      removed.set(head);

      Model smaller = Removal.remove(model, channels, removed).model();

      assertThat(smaller.graph().shape(products.name()).dim(0)).isEqualTo(1);
      Model silenced = Removal.zero(model, channels, removed).model();
      assertThat(silenced.graph()).isEqualTo(model.graph());
      for (int image = 0; image < 2; image++) {
        double[] pixels = RandomNetworks.image(model.graph(), image);
        double[] expected = new ReferenceInterpreter(silenced).output(pixels);
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertThat(new ReferenceInterpreter(smaller).output(pixels))
            .containsExactly(expected, Offset.offset(1e-9 * largest));
      }
    }
  }

  @Test
  void aModuleThatIsUsedTwiceIsOneLayer() {
    Model model = OnnxImport.read(folder.resolve("used_twice_op17_open.onnx"));

    assertThat(model.graph().layers()).extracting(Node::name).containsExactly("c", "d");
    assertThat(model.graph().nodes()).hasSize(4);
  }

  @Test
  void aClassTokenIsAParameterOfItsOwn() {
    Model model = OnnxImport.read(folder.resolve("vision_op17_open.onnx"));

    assertThat(model.graph().nodes())
        .filteredOn(node -> node.op() instanceof TokenOp.Parameter)
        .extracting(Node::name)
        .contains("token", "positions");
  }
}
