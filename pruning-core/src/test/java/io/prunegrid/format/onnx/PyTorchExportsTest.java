package io.prunegrid.format.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.format.Npz;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.TokenOp;
import io.prunegrid.testing.PythonTorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
