package io.prunegrid.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.testing.Shared;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzTest {
  @TempDir Path folder;

  @Test
  void arraysThatNumpyWroteAreRead() {
    Map<String, Tensor> arrays = Npz.read(Shared.require("oracle/onnx/small_res_op11.npz"));
    assertThat(arrays.keySet()).containsExactlyInAnyOrder("x", "y");
    assertThat(arrays.get("x").shape().rank()).isEqualTo(4);
    assertThat(arrays.get("x").shape().dim(1)).isEqualTo(3);
    assertThat(arrays.get("y").shape().dim(0)).isEqualTo(arrays.get("x").shape().dim(0));
  }

  @Test
  void compressedArraysAreTheSame() throws IOException {
    Map<String, byte[]> members = Map.of("x.npy", npy("<f4", 6));
    assertThat(read(members, ZipEntry.DEFLATED))
        .isEqualTo(read(members, ZipEntry.STORED))
        .containsEntry("x", Tensor.of(Shape.of(6), 0, 1, 2, 3, 4, 5));
  }

  @Test
  void fortranOrderAndVersionsOfTheHeaderAreHonoured() throws IOException {
    String description = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n";
    for (int version = 1; version <= 3; version++) {
      byte[] array = npy(version, description, floats(6));
      assertThat(read(Map.of("x.npy", array), ZipEntry.STORED))
          .containsEntry("x", Tensor.of(Shape.of(2, 3), 0, 2, 4, 1, 3, 5));
    }
  }

  @Test
  void wholeNumbersAreConverted() throws IOException {
    byte[] array =
        npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", new byte[] {1, -1});
    assertThat(read(Map.of("x.npy", array), ZipEntry.STORED))
        .containsEntry("x", Tensor.of(Shape.of(2), 1, 255));
  }

  @Test
  void typesThatAreNoPlainNumbersAreRefusedByName() {
    for (String type : new String[] {"|O", ">f4", "<c8", "<U3"}) {
      assertThatThrownBy(() -> read(Map.of("x.npy", npy(type, 2)), ZipEntry.STORED))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("'x' holds elements of type '" + type + "'");
    }
  }

  @Test
  void anArrayOfAnotherLengthThanItsShapeIsRefused() {
    byte[] array =
        npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }", floats(2));
    assertThatThrownBy(() -> read(Map.of("x.npy", array), ZipEntry.STORED))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("not float32 of shape [1000000000000]");
  }

  /** A vector 0, 1, 2, ... of float32, whatever type the header claims. */
  static byte[] npy(String type, int count) {
    return npy(
        1,
        "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + count + ",), }\n",
        floats(count));
  }

  private static byte[] npy(int version, String description, byte[] elements) {
    byte[] header = description.getBytes(StandardCharsets.UTF_8);
    int width = version == 1 ? 2 : 4;
    ByteBuffer file =
        ByteBuffer.wrap(new byte[8 + width + header.length + elements.length])
            .order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.UTF_8));
    file.put((byte) version).put((byte) 0);
    if (version == 1) {
      file.putShort((short) header.length);
    } else {
      file.putInt(header.length);
    }
    return file.put(header).put(elements).array();
  }

  private static byte[] floats(int count) {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[4 * count]).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      bytes.putFloat(i);
    }
    return bytes.array();
  }

  private Map<String, Tensor> read(Map<String, byte[]> members, int method) throws IOException {
    return Npz.read(Files.write(folder.resolve("file.npz"), TorchFiles.zip(members, method)));
  }
}
