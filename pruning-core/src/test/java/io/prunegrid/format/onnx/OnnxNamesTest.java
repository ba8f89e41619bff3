package io.prunegrid.format.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** What the layers of a file are called. */
class OnnxNamesTest {
  private static Model read(BiFunction<OnnxWriter, String, String> nodes) {
    return OnnxImport.decode(HostileOnnxTest.file(nodes), "file");
  }

  private static List<String> layers(Model model) {
    return model.graph().nodes().stream().filter(Node::ownsWeights).map(Node::name).toList();
  }

  private static String weight(OnnxWriter file, String name, int... dims) {
    return file.weight(name, Tensor.zeros(Shape.of(dims)));
  }

  @Test
  void aLinearLayerIsNamedByItsMatrixThoughItsBiasIsANodeOfItsOwn() {
    Model model =
        read(
            (w, x) -> {
              String product = w.node("MatMul", "/a/MatMul", x, weight(w, "a.weight", 8, 4));
              String sum = w.node("Add", "/a/Add", weight(w, "a.bias", 4), product);
              return w.node("MatMul", "/b/MatMul", sum, weight(w, "b.weight", 4, 2));
            });

    assertThat(layers(model)).containsExactly("a", "b");
    assertThat(model.weights().names()).containsExactlyInAnyOrder("a.weight", "a.bias", "b.weight");
  }

  @Test
  void aLinearLayerWhoseMatrixWasRenamedIsNamedByTheNodeThatReadsIt() {
    Model model =
        read(
            (w, x) -> {
              String product = w.node("MatMul", "/a/MatMul", x, weight(w, "onnx::MatMul_97", 8, 4));
              return w.node("Add", "/a/Add", weight(w, "a.bias", 4), product);
            });

    assertThat(layers(model)).containsExactly("/a/MatMul");
  }

  @Test
  void aLinearLayerThatIsUsedTwiceIsOneLayer() {
    Model model =
        read(
            (w, x) -> {
              String matrix = weight(w, "a.weight", 8, 8);
              String bias = weight(w, "a.bias", 8);
              String once = w.node("Add", "/a/Add", bias, w.node("MatMul", "/a/MatMul", x, matrix));
              String active = w.node("Relu", "relu", once);
              String twice = w.node("MatMul", "/a_1/MatMul", active, matrix);
              return w.node("Add", "/a_1/Add", bias, twice);
            });

    assertThat(layers(model)).containsExactly("a", "/a_1/MatMul");
    assertThat(model.graph().layers()).extracting(Node::module).containsOnly("a");
    assertThat(model.weights().names()).containsExactlyInAnyOrder("a.weight", "a.bias");
  }

  @Test
  void aLayerHasItsNameThoughAnotherNodeCameFirst() {
    Model model =
        read(
            (w, x) -> {
              String first = w.node("Relu", "c", x);
              String second = w.node("Conv", "d", first, weight(w, "onnx::Conv_9", 5, 3, 1, 1));
              String third = w.node("Conv", "e", second, weight(w, "d.weight", 4, 5, 1, 1));
              return w.node("Conv", "f", third, weight(w, "c.weight", 2, 4, 1, 1));
            });

    assertThat(model.graph().nodes())
        .extracting(Node::name)
        .containsExactly("x", "c_1", "d_1", "d", "c");
    assertThat(model.graph().node("c").op()).isInstanceOf(Op.Conv2d.class);
    assertThat(model.graph().node("d").inputs()).containsExactly("d_1");
  }

  @Test
  void aNormInPiecesIsNamedByItsScale() {
    Model model =
        read(
            (w, x) -> {
              String rows = w.node("Reshape", "rows", x, w.list("three", 0, 3, -1));
              String ones = w.floats("ones", new float[] {1, 1, 1}, 3);
              String zeros = w.floats("zeros", new float[3], 3);
              String norm = w.node("InstanceNormalization", "norm", rows, ones, zeros);
              String back = w.node("Reshape", "back", norm, w.list("map", 0, 3, 8, 8));
              String scaled = w.node("Mul", "scaled", back, weight(w, "gn.weight", 3, 1, 1));
              return w.node("Add", "shifted", scaled, weight(w, "gn.bias", 3, 1, 1));
            });

    assertThat(layers(model)).containsExactly("gn");
    assertThat(model.graph().node("gn").op()).isInstanceOf(NormOp.GroupNorm.class);
    assertThat(model.weights().names()).containsExactlyInAnyOrder("gn.weight", "gn.bias");
  }
}
