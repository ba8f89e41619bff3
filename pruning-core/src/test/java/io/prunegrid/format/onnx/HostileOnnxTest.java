package io.prunegrid.format.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.format.onnx.OnnxWriter.Attributes;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.testing.RandomNetworks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is in a file, reading it gives a network or one clear refusal, in little memory. */
class HostileOnnxTest {
  private static final long BASE = 64L << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static byte[] network(long seed) {
    ModelGraph graph = RandomNetworks.graph(seed, 8, 6);
    return OnnxExport.encode(RandomNetworks.model(graph, seed));
  }

  /** Reads the bytes, which may cost a small multiple of their number. */
  private static void read(byte[] bytes) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      OnnxImport.decode(bytes, "file");
    } finally {
      long spent = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertThat(spent).as("bytes allocated").isLessThan(BASE + 60L * bytes.length);
    }
  }

  @Test
  void aFileCutAtAnyByteIsRefused() {
    byte[] good = network(4);
    read(good);
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> read(cut)).isInstanceOf(BadInput.class);
    }
  }

  @Test
  void damagedBytesGiveANetworkOrARefusal() {
    SplitMix64 random = SplitMix64.stream(1, "damage");
    int networks = 0;
    byte[] good = {};
    for (int trial = 0; trial < 4000; trial++) {
      good = trial % 200 == 0 ? network(trial / 200) : good;
      byte[] damaged = good.clone();
      int flips = 1 + random.nextInt(4);
      for (int i = 0; i < flips; i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      try {
        read(damaged);
        networks++;
      } catch (BadInput refusal) {
        assertThat(refusal.problems()).hasSize(1);
        assertThat(refusal.getMessage()).startsWith("file: ").hasSizeLessThan(2000);
      }
    }
    assertThat(networks).isGreaterThan(200);
  }

  /** A file with nodes behind an input of 3x8x8, the last of which is the output. */
  static byte[] file(BiFunction<OnnxWriter, String, String> nodes) {
    OnnxWriter writer = new OnnxWriter();
    writer.input("x", Shape.of(3, 8, 8));
    writer.output(nodes.apply(writer, "x"), Shape.of(1));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writer.write(bytes, 13);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  private static Attributes none() {
    return new Attributes();
  }

  private record Case(String reason, BiFunction<OnnxWriter, String, String> nodes) {
    @Override
    public String toString() {
      return reason;
    }
  }

  static Stream<Case> refused() {
    return Stream.of(
        new Case(
            "node 'y' ('Einsum'): the operator is not supported",
            (w, x) -> w.node("Einsum", "y", x)),
        new Case(
            "node 'y' ('Relu') reads 'z', which nothing before it computes",
            (w, x) -> w.node("Relu", "y", "z")),
        new Case(
            "node 'y' ('Add') reads 'y', which nothing before it computes",
            (w, x) -> w.node("Add", "y", x, "y")),
        new Case(
            "it works along the batch",
            (w, x) -> w.node("Concat", "y", none().integer("axis", 0), x, x)),
        new Case(
            "it names axis 9 of 4",
            (w, x) -> w.node("Concat", "y", none().integer("axis", 9), x, x)),
        new Case("mixes samples", (w, x) -> w.node("Reshape", "y", x, w.list("s", 2, 96))),
        new Case(
            "it leaves two sizes open",
            (w, x) -> w.node("Reshape", "y", x, w.list("s", 0, -1, -1))),
        new Case(
            "only feature maps of one pixel can be expanded",
            (w, x) -> w.node("Expand", "y", x, w.list("s", 1, 3, 1L << 62, 8))),
        new Case(
            "expects 5 channels",
            (w, x) -> w.node("Conv", "y", x, w.weight("w", Tensor.zeros(Shape.of(2, 5, 1, 1))))),
        new Case(
            "its weight should be floats of four dimensions",
            (w, x) -> w.node("Conv", "y", x, w.weight("w", Tensor.zeros(Shape.of(2, 3, 1))))),
        new Case(
            "it has a size of -1",
            (w, x) ->
                w.node(
                    "Conv",
                    "y",
                    none().integers("strides", -1, 1),
                    x,
                    w.weight("w", Tensor.zeros(Shape.of(2, 3, 1, 1))))),
        new Case(
            "out of proportion",
            (w, x) -> {
              String zeros = w.node("ConstantOfShape", "z", w.list("s", 30000, 30000));
              return w.node("Add", "y", x, zeros);
            }),
        new Case(
            "out of proportion",
            (w, x) -> {
              String all = w.list("s", 1, 2, 3, 4);
              for (int i = 0; i < 40; i++) {
                all = w.node("Concat", "c", none().integer("axis", 0), all, all);
              }
              return w.node("Reshape", "y", x, all);
            }),
        new Case(
            "it makes a tensor of the shape",
            (w, x) -> {
              String y = x;
              for (int i = 0; i < 40; i++) {
                y = w.node("Concat", "c", none().integer("axis", 1), y, y);
              }
              return y;
            }),
        new Case(
            "it makes a tensor of the shape",
            (w, x) -> w.node("Pad", "y", x, w.list("p", 0, 0, 60000, 60000, 0, 0, 60000, 60000))),
        new Case("it divides by zero", (w, x) -> w.node("Div", "y", x, w.number("zero", 0))),
        new Case(
            "it picks a channel more than once",
            (w, x) -> w.node("Gather", "y", none().integer("axis", 1), x, w.list("i", 0, 2, 2))),
        new Case("output 'c' is a constant", (w, x) -> w.number("c", 1)));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void nodesThatMakeNoSenseAreRefusedByName(Case wrong) {
    assertThatThrownBy(() -> read(file(wrong.nodes())))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith("file: ")
        .hasMessageContaining(wrong.reason());
  }

  @Test
  void chainsOfAnyLengthAreRead() {
    read(
        file(
            (w, x) -> {
              String y = x;
              for (int i = 0; i < 50_000; i++) {
                y = w.node("Identity", "y", y);
              }
              return y;
            }));
    read(
        file(
            (w, x) -> {
              String c = w.floats("c", new float[6], 2, 3);
              for (int i = 0; i < 50_000; i++) {
                c = w.node("Transpose", "c", c);
              }
              return w.node("Relu", "y", x);
            }));
  }

  @Test
  void manyEmptyNodesAreRefusedAtOnce() {
    byte[] nodes = new byte[1 << 20];
    for (int i = 0; i < nodes.length; i += 2) {
      nodes[i] = 1 << 3 | 2;
    }
    byte[] bytes =
        new ProtoWriter().message(8, new ProtoWriter().number(2, 13)).content(7, nodes).toBytes();
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("node 0 has no operator");
  }

  @Test
  void weightsInOtherFilesAreNeverLookedFor() {
    ProtoWriter tensor =
        new ProtoWriter()
            .number(1, 2)
            .number(2, 1)
            .text(8, "w")
            .message(13, new ProtoWriter().text(1, "location").text(2, "../../../../etc/passwd"))
            .number(14, 1);
    byte[] bytes = new ProtoWriter().message(7, new ProtoWriter().message(5, tensor)).toBytes();

    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(BadInput.class)
        .hasMessage(
            "file: tensor 'w' lies in another file; models with external data are not supported");
  }

  @Test
  void whatNeverWasOnnxIsSaidToBeNone() {
    for (String text : List.of("# Title", "PK\u0003\u0004", "{}", "\u0080\u0002}", "sweep {")) {
      assertThatThrownBy(() -> read(text.getBytes(StandardCharsets.ISO_8859_1)))
          .isInstanceOf(BadInput.class)
          .hasMessage(
              "file: is no ONNX file; a model is a network of the zoo, with a checkpoint as its"
                  + " weights, a model folder, or an ONNX file");
    }
  }

  @Test
  void weightsOfSixteenBitsAreRefusedUnlessTheFileCastsThem() {
    assertThatThrownBy(() -> read(half("MatMul", "w")))
        .isInstanceOf(BadInput.class)
        .hasMessage(
            "file: node 'y' ('MatMul'): its tensor 'w' holds floats of 16 bits; only float32 is"
                + " supported");
    read(half("MatMul", "cast"));
  }

  /** A product of the input with weights of 16 bits, or with what they are cast to. */
  private static byte[] half(String operator, String read) {
    byte[] zeros = new byte[2 * 8 * 4];
    ProtoWriter weight =
        new ProtoWriter().number(1, 8).number(1, 4).number(2, 10).text(8, "w").content(9, zeros);
    ProtoWriter cast = node("Cast", "cast", "w");
    cast.message(5, new ProtoWriter().text(1, "to").number(3, 1).number(20, 2));
    ProtoWriter dims = new ProtoWriter();
    for (int dim : new int[] {1, 8}) {
      dims.message(1, new ProtoWriter().number(1, dim));
    }
    ProtoWriter kind = new ProtoWriter().number(1, 1).message(2, dims);
    ProtoWriter graph =
        new ProtoWriter()
            .message(1, cast)
            .message(1, node(operator, "y", "x", read))
            .message(5, weight)
            .message(
                11, new ProtoWriter().text(1, "x").message(2, new ProtoWriter().message(1, kind)))
            .message(12, new ProtoWriter().text(1, "y"));
    return new ProtoWriter()
        .message(8, new ProtoWriter().number(2, 13))
        .message(7, graph)
        .toBytes();
  }

  private static ProtoWriter node(String operator, String output, String... from) {
    ProtoWriter node = new ProtoWriter();
    for (String input : from) {
      node.text(1, input);
    }
    return node.text(2, output).text(4, operator);
  }

  @Test
  void tensorsThatTheirBytesDoNotBackAreRefused() {
    for (long[] dims :
        List.of(
            new long[] {3},
            new long[] {-1},
            new long[] {1L << 40},
            new long[] {1 << 16, 1 << 16},
            new long[] {1, 1, 1, 1, 1, 1, 1, 1, 1})) {
      ProtoWriter tensor = new ProtoWriter();
      for (long dim : dims) {
        tensor.number(1, dim);
      }
      tensor.number(2, 1).text(8, "w").content(9, new byte[8]);
      byte[] bytes = new ProtoWriter().message(7, new ProtoWriter().message(5, tensor)).toBytes();

      assertThatThrownBy(() -> read(bytes))
          .isInstanceOf(BadInput.class)
          .hasMessageStartingWith("file: tensor 'w' ");
    }
  }

  @Test
  void otherOpsetsAreRefusedWithTheOnesThatAreRead() throws IOException {
    OnnxWriter writer = new OnnxWriter();
    writer.input("x", Shape.of(3, 8, 8));
    writer.output(writer.node("Relu", "y", "x"), Shape.of(3, 8, 8));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    writer.write(bytes, 21);

    assertThatThrownBy(() -> read(bytes.toByteArray()))
        .hasMessage(
            "file: is written in opset 21; allowed: 11 to 17 (opset_version of"
                + " torch.onnx.export)");
  }
}
