package io.prunegrid.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.format.TorchFiles.Elements;
import io.prunegrid.format.TorchFiles.Pickle;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.testing.Shared;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is in a file, reading it gives a value or one clear refusal, soon and in little memory.
 */
class HostileFilesTest {
  @TempDir Path folder;

  /** The formats, each with a small good file and its reader. */
  enum Kind {
    LEGACY,
    ZIP,
    SAFETENSORS,
    GRAPH,
    NPZ,
    NPZ_COMPRESSED;

    void read(Path file) {
      switch (this) {
        case LEGACY, ZIP, SAFETENSORS -> Checkpoints.read(file);
        case GRAPH -> GraphJson.read(file);
        case NPZ, NPZ_COMPRESSED -> Npz.read(file);
      }
    }

    byte[] good(Path folder) throws IOException {
      Map<String, Elements> storages = new LinkedHashMap<>();
      storages.put("conv1.weight", Elements.floats(1, 2, 3, 4, 5, 6));
      storages.put("conv1.bias", Elements.floats(7, 8));
      byte[] object = TorchFiles.vectors(storages);
      return switch (this) {
        case LEGACY -> TorchFiles.legacy(object, storages);
        case ZIP -> TorchFiles.zip(object, storages);
        case SAFETENSORS -> {
          Path file = folder.resolve("good");
          Safetensors.write(
              file, new Weights(Map.of("a", Tensor.zeros(Shape.of(2, 3)), "b", vector(1, 2))));
          yield Files.readAllBytes(file);
        }
        case GRAPH -> GraphJson.bytes(Zoo.build("small-cnn", new NetworkSize(10, 1, 14, 14)));
        case NPZ -> TorchFiles.zip(Map.of("x.npy", NpzTest.npy("<f4", 24)), ZipEntry.STORED);
        case NPZ_COMPRESSED ->
            TorchFiles.zip(Map.of("x.npy", NpzTest.npy("<f4", 24)), ZipEntry.DEFLATED);
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFileCutAtAnyByteIsRefused(Kind kind) throws IOException {
    byte[] good = kind.good(folder);
    kind.read(write(good));
    // The line feed at the end of a JSON file may be missing.
    int complete = kind == Kind.GRAPH ? good.length - 1 : good.length;
    for (int length = 0; length < complete; length++) {
      Path cut = write(Arrays.copyOf(good, length));
      assertThatThrownBy(() -> kind.read(cut))
          .as("cut to %d of %d bytes", length, good.length)
          .isInstanceOf(BadInput.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void damagedBytesGiveAValueOrARefusal(Kind kind) throws IOException {
    byte[] good = kind.good(folder);
    SplitMix64 random = SplitMix64.stream(1, "damage " + kind);
    for (int trial = 0; trial < 1500; trial++) {
      byte[] damaged = good.clone();
      int flips = 1 + random.nextInt(4);
      for (int i = 0; i < flips; i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Path file = write(damaged);
      try {
        kind.read(file);
      } catch (BadInput refusal) {
        assertThat(refusal.getMessage()).contains(file.toString());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("realCheckpoints")
  void aRealCheckpointCutAnywhereIsRefused(String name) throws IOException {
    byte[] good = Files.readAllBytes(Shared.require("data/weights/" + name));
    SplitMix64 random = SplitMix64.stream(1, "cut " + name);
    for (int trial = 0; trial < 60; trial++) {
      int length = trial < 20 ? good.length - 1 - trial : random.nextInt(good.length);
      Path cut = write(Arrays.copyOf(good, length));
      assertThatThrownBy(() -> Checkpoints.read(cut)).isInstanceOf(BadInput.class);
    }
  }

  static Stream<String> realCheckpoints() {
    return Stream.of("resnet20-12fca82f.th", "resnet20-zip.pth");
  }

  @Test
  void shapesThatNoFileCanBackAreRefused() throws IOException {
    Elements one = Elements.floats(1);
    for (long[] size :
        new long[][] {
          {1L << 31}, {1L << 20, 1L << 10}, {1L << 40, 0}, {Long.MAX_VALUE, 2}, {-1}, {-2, -2}
        }) {
      Pickle pickle = TorchFiles.pickle().op("}").text("w");
      pickle.tensor("0", one, 0, size, new long[size.length]);
      refusesSoon(pickle.op("s.").bytes(), Map.of("0", one));
    }
    for (long[] offsetAndStride :
        new long[][] {{1, 1}, {-1, 1}, {0, 2}, {0, -1}, {0, Long.MAX_VALUE}, {Long.MAX_VALUE, 1}}) {
      Pickle pickle = TorchFiles.pickle().op("}").text("w");
      pickle.tensor("0", one, offsetAndStride[0], new long[] {2}, new long[] {offsetAndStride[1]});
      refusesSoon(pickle.op("s.").bytes(), Map.of("0", one));
    }
  }

  @Test
  void countsThatNoFileCanBackAreRefused() throws IOException {
    refusesSoon(TorchFiles.pickle().op("X").int32(-1).bytes(), Map.of());
    refusesSoon(TorchFiles.pickle().op("B").int32(Integer.MAX_VALUE).bytes(), Map.of());
    refusesSoon(TorchFiles.pickle().op("\u008e").raw(ones(8)).bytes(), Map.of());
    refusesSoon(TorchFiles.pickle().op("\u008b").int32(Integer.MAX_VALUE).bytes(), Map.of());
    Elements claimed = new Elements("FloatStorage", Integer.MAX_VALUE, new byte[4]);
    refusesSoon(TorchFiles.vectors(Map.of("w", claimed)), Map.of("w", claimed));
  }

  @Test
  void deepRecursiveAndRepetitivePicklesAreRefused() throws IOException {
    refusesSoon(
        TorchFiles.pickle().op("]".repeat(200_000) + "a".repeat(199_999) + ".").bytes(), Map.of());
    refusesSoon(TorchFiles.pickle().op("}q\u0000h\u0000h\u0000s.").bytes(), Map.of());
    refusesSoon(TorchFiles.pickle().op("}q\u0000").text("a").op("h\u0000s.").bytes(), Map.of());
    // A dict made over and over from one long list of pairs.
    refusesSoon(
        TorchFiles.pickle()
            .op("](" + "N".repeat(50_000) + "eq\u00000")
            .op("ccollections\nOrderedDict\nh\u0000\u0085R".repeat(20_000))
            .op(".")
            .bytes(),
        Map.of());
    // A ladder of dicts, each naming the one below many times.
    StringBuilder ladder = new StringBuilder("}q\u0000");
    for (int level = 0; level < 6; level++) {
      ladder.append("}(");
      for (int i = 0; i < 300; i++) {
        String name = "k" + i;
        ladder
            .append("U")
            .append((char) name.length())
            .append(name)
            .append("h")
            .append((char) level);
      }
      ladder.append("uq").append((char) (level + 1));
    }
    refusesSoon(TorchFiles.pickle().op(ladder + ".").bytes(), Map.of());
  }

  @Test
  void zipBombsAreRefused() throws IOException {
    byte[] zeros = new byte[100 << 20];
    Map<String, byte[]> bomb = Map.of("x.npy", zeros);
    Path file = write(TorchFiles.zip(bomb, ZipEntry.DEFLATED));
    assertThat(Files.size(file)).isLessThan(200_000);
    assertThatThrownBy(() -> Npz.read(file))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("would unpack to more than 100 times");
    Path compressed = write(TorchFiles.zip(Map.of("a/data.pkl", new byte[9]), ZipEntry.DEFLATED));
    assertThatThrownBy(() -> Checkpoints.read(compressed))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("compressed member 'a/data.pkl'");
  }

  @ParameterizedTest
  @MethodSource("wrongHeaders")
  void safetensorsHeadersThatDoNotAddUpAreRefused(String header, String reason) throws IOException {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    byte[] file = Arrays.copyOf(new byte[] {(byte) json.length}, 8 + json.length + 8);
    System.arraycopy(json, 0, file, 8, json.length);
    assertThatThrownBy(() -> Safetensors.read(write(file)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(reason);
  }

  static Stream<String[]> wrongHeaders() {
    String a = "'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}";
    return Stream.of(
        new String[] {"{" + a + "}", "has 8 bytes of tensors, but its header describes 4"},
        new String[] {"{" + a + "," + a.replace("'a'", "'b'") + "}", "expected to begin at 4"},
        new String[] {"{" + a + "," + a + "}", "uplicate"},
        new String[] {
          "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}", "expected to begin at 0"
        },
        new String[] {
          "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}", "not F32 of shape [3]"
        },
        new String[] {
          "{'a':{'dtype':'F32','shape':[-1,-2],'data_offsets':[0,8]}}", "impossible shape"
        },
        new String[] {
          "{'a':{'dtype':'F8_E4M3','shape':[8],'data_offsets':[0,8]}}", "'F8_E4M3'; known are"
        },
        new String[] {"{'a':{'dtype':'I64','shape':[1],'data_offsets':[0,8]}}", "holds int64"},
        new String[] {"{'a':{'dtype':'F32','data_offsets':[0,8]}}", "needs dtype, shape"},
        new String[] {"{'a':7}", "something else than an object"},
        new String[] {"{'a", "no JSON"});
  }

  private void refusesSoon(byte[] object, Map<String, Elements> storages) throws IOException {
    for (byte[] content : TorchFiles.bothForms(object, storages)) {
      Path file = write(content);
      Assertions.assertTimeoutPreemptively(
          Duration.ofSeconds(10),
          () -> assertThatThrownBy(() -> Checkpoints.read(file)).isInstanceOf(BadInput.class));
    }
  }

  private Path write(byte[] content) throws IOException {
    return Files.write(folder.resolve("file"), content);
  }

  private static Tensor vector(float... values) {
    return Tensor.of(Shape.of(values.length), values);
  }

  private static byte[] ones(int count) {
    byte[] bytes = new byte[count];
    Arrays.fill(bytes, (byte) 0x7f);
    return bytes;
  }
}
