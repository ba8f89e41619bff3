package io.prunegrid.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.format.TorchFiles.Elements;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.testing.Shared;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  @TempDir Path folder;

  @Test
  void theZipFormHoldsTheTensorsOfTheLegacyStream() {
    Map<String, Tensor> legacy =
        Checkpoints.read(Shared.require("data/weights/resnet20-12fca82f.th"));
    Map<String, Tensor> zip = Checkpoints.read(Shared.require("data/weights/resnet20-zip.pth"));
    assertThat(zip).isEqualTo(legacy).isNotEmpty();
  }

  @Test
  void publishedCheckpointsFitTheirNetworks() {
    assertThat(bind("resnet20", "resnet20-12fca82f.th").parameterCount()).isEqualTo(269_722);
    assertThat(bind("resnet56", "resnet56-4bfd9763.th").parameterCount()).isEqualTo(853_018);
  }

  @Test
  void anotherNetworksCheckpointIsRefusedWithEveryName() {
    ModelGraph wrong = Zoo.build("resnet32", Zoo.publishedSize("resnet32"));
    Map<String, Tensor> tensors =
        Checkpoints.read(Shared.require("data/weights/resnet20-12fca82f.th"));
    assertThatThrownBy(() -> Model.bind(wrong, tensors, "F"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("layer1.3.conv1.weight")
        .hasMessageContaining("layer3.4.bn2.running_var");
  }

  @Test
  void everyFloatingTypeBecomesFloat32() throws IOException {
    Map<String, Elements> storages = new LinkedHashMap<>();
    storages.put("double", new Elements("DoubleStorage", 2, doubles(0.1, -1e300)));
    // 1, -2, largest, smallest normal, smallest subnormal, minus zero, infinity
    storages.put(
        "half",
        new Elements(
            "HalfStorage", 7, shorts(0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0x7c00)));
    storages.put("bfloat", new Elements("BFloat16Storage", 3, shorts(0x3f80, 0xc049, 0x0001)));
    storages.put("bn.num_batches_tracked", new Elements("LongStorage", 1, doubles(0)));
    for (byte[] file : TorchFiles.bothForms(TorchFiles.vectors(storages), storages)) {
      Map<String, Tensor> tensors = read(file);
      assertThat(tensors.get("double").toArray()).containsExactly(0.1f, Float.NEGATIVE_INFINITY);
      assertThat(tensors.get("half").toArray())
          .containsExactly(1, -2, 65504, 0x1p-14f, 0x1p-24f, -0f, Float.POSITIVE_INFINITY);
      assertThat(tensors.get("bfloat").toArray())
          .containsExactly(1, -3.140625f, Float.intBitsToFloat(1 << 16));
      assertThat(tensors).containsKey("bn.num_batches_tracked");
    }
  }

  @Test
  void typesThatWeightsCannotHaveAreRefusedByName() throws IOException {
    Map<String, Elements> storages =
        Map.of("weight", new Elements("ComplexFloatStorage", 1, new byte[8]));
    for (byte[] file : TorchFiles.bothForms(TorchFiles.vectors(storages), storages)) {
      refuses(file, "'weight'", "complex64", "bfloat16");
    }
    Map<String, Elements> quantized =
        Map.of("weight", new Elements("QInt8Storage", 1, new byte[1]));
    refuses(TorchFiles.legacy(TorchFiles.vectors(quantized), quantized), "torch QInt8Storage");
  }

  @Test
  void tensorsViewSharedStoragesByOffsetAndStride() throws IOException {
    Elements elements = Elements.floats(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    byte[] object =
        TorchFiles.pickle()
            .op("}(")
            .text("transposed")
            .tensor("0", elements, 0, new long[] {4, 3}, new long[] {1, 4})
            .text("part")
            .tensor("0", elements, 5, new long[] {2, 2}, new long[] {4, 1})
            .text("expanded")
            .tensor("0", elements, 7, new long[] {2, 3}, new long[] {0, 0})
            .op("u.")
            .bytes();
    for (byte[] file : TorchFiles.bothForms(object, Map.of("0", elements))) {
      Map<String, Tensor> tensors = read(file);
      assertThat(tensors.get("transposed"))
          .isEqualTo(Tensor.of(Shape.of(4, 3), 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11));
      assertThat(tensors.get("part")).isEqualTo(Tensor.of(Shape.of(2, 2), 5, 6, 9, 10));
      assertThat(tensors.get("expanded")).isEqualTo(Tensor.of(Shape.of(2, 3), 7, 7, 7, 7, 7, 7));
    }
  }

  @Test
  void theStateDictIsFoundBesideOtherThingsAndUnwrapped() throws IOException {
    Elements elements = Elements.floats(1, 2);
    byte[] object =
        TorchFiles.pickle()
            .op("}(")
            .text("epoch")
            .number(7)
            .text("best_prec1")
            .tensor("best", Elements.floats(91.7f), 0, new long[] {}, new long[] {})
            .text("arch")
            .text("resnet")
            .text("state_dict")
            .global("collections", "OrderedDict")
            .op(")R(")
            .text("module.fc.weight")
            .vector("w", elements)
            .text("module.fc.bias")
            .op("ctorch._utils\n_rebuild_parameter\n(")
            .vector("w", elements)
            .op("\u0088ccollections\nOrderedDict\n)RtR")
            .op("u}")
            .text("_metadata")
            .op("Nsb")
            .text("optimizer")
            .op("}(")
            .text("state")
            .op("}(")
            .number(0)
            .op("}")
            .text("momentum_buffer")
            .vector("w", elements)
            .op("suuu.")
            .bytes();
    Map<String, Elements> storages = new LinkedHashMap<>();
    storages.put("best", Elements.floats(91.7f));
    storages.put("w", elements);
    for (byte[] file : TorchFiles.bothForms(object, storages)) {
      assertThat(read(file).keySet()).containsExactly("fc.weight", "fc.bias");
    }
  }

  @Test
  void aPrefixThatOnlySomeNamesHaveStays() throws IOException {
    Map<String, Elements> storages = new LinkedHashMap<>();
    storages.put("module.a", Elements.floats(1));
    storages.put("b", Elements.floats(2));
    assertThat(read(TorchFiles.zip(TorchFiles.vectors(storages), storages)).keySet())
        .containsExactly("module.a", "b");
  }

  @Test
  void aPickleThatCallsIsRefusedByNameAndExecutesNothing() throws IOException {
    Path victim = folder.resolve("executed");
    for (String[] name :
        new String[][] {{"posix", "system"}, {"os", "system"}, {"builtins", "eval"}}) {
      byte[] object =
          TorchFiles.pickle()
              .global(name[0], name[1])
              .op("(")
              .text("touch " + victim)
              .op("tR.")
              .bytes();
      for (byte[] file : TorchFiles.bothForms(object, Map.of())) {
        refuses(file, "'" + name[0] + " " + name[1] + "'", "nothing was executed");
      }
    }
    assertThat(victim).doesNotExist();
  }

  @Test
  void aBigEndianCheckpointIsRefused() throws IOException {
    Map<String, Elements> storages = Map.of("w", Elements.floats(1));
    refuses(TorchFiles.legacy(TorchFiles.vectors(storages), storages, "\u0089"), "big-endian");
  }

  @Test
  void severalDictsOfTensorsAreNotGuessedBetween() throws IOException {
    Elements elements = Elements.floats(1);
    byte[] object =
        TorchFiles.pickle()
            .op("}(")
            .text("generator")
            .op("}")
            .text("w")
            .vector("w", elements)
            .op("s")
            .text("critic")
            .op("}")
            .text("w")
            .vector("w", elements)
            .op("su.")
            .bytes();
    refuses(TorchFiles.zip(object, Map.of("w", elements)), "'generator'", "'critic'");
  }

  @Test
  void filesThatAreNoCheckpointsSaySo() throws IOException {
    refuses(new byte[0], "is empty");
    refuses("<html>not found</html>".getBytes(StandardCharsets.UTF_8), "neither");
    assertThatThrownBy(() -> Checkpoints.read(folder.resolve("nowhere.pth")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("nowhere.pth does not exist");
    assertThatThrownBy(() -> Checkpoints.read(folder))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("is a folder");
  }

  private Model bind(String network, String file) {
    return Model.bind(
        Zoo.build(network, Zoo.publishedSize(network)),
        Checkpoints.read(Shared.require("data/weights/" + file)),
        file);
  }

  private Map<String, Tensor> read(byte[] content) throws IOException {
    return Checkpoints.read(Files.write(folder.resolve("file"), content));
  }

  private void refuses(byte[] content, String... parts) {
    assertThatThrownBy(() -> read(content))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(folder.resolve("file").toString())
        .hasMessageContainingAll(parts);
  }

  private static byte[] doubles(double... values) {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[8 * values.length]).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(bytes::putDouble);
    return bytes.array();
  }

  private static byte[] shorts(int... values) {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[2 * values.length]).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(value -> bytes.putShort((short) value));
    return bytes.array();
  }
}
