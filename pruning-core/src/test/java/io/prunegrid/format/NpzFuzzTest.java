package io.prunegrid.format;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.prunegrid.testing.Choices;
import io.prunegrid.testing.HostileReader;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Archives of numpy whose members, headers and data are changed. */
@Timeout(3600)
class NpzFuzzTest {
  private static final HostileReader READER = new HostileReader("npz", 400);
  private static final List<String> TYPES =
      List.of(
          "<f4",
          "<f8",
          "<i4",
          "<i8",
          "|u1",
          "<f2",
          "|b1",
          ">f4",
          "|O",
          "<U4",
          "<f16",
          "",
          "<i99999999");
  private static final Map<String, Integer> WIDTHS =
      Map.of("<f4", 4, "<f8", 8, "<i4", 4, "<i8", 8, "|u1", 1, "<f2", 2, "|b1", 1, ">f4", 4);

  @TempDir static Path folder;

  @Test
  void fixedMutationsGiveArraysOrARefusal() {
    READER.readFixed(this::read, getClass());
  }

  static Stream<byte[]> seeds() {
    return HostileReader.seeds(NpzFuzzTest.class, 100);
  }

  @MethodSource("seeds")
  @FuzzTest
  void mutationsGiveArraysOrARefusal(byte[] decisions) {
    read(decisions);
  }

  @AfterAll
  static void figures() {
    READER.report();
  }

  private void read(byte[] decisions) {
    Choices choices = new Choices(decisions);
    int method = choices.below(2) == 0 ? ZipEntry.STORED : ZipEntry.DEFLATED;
    Map<String, byte[]> members = new LinkedHashMap<>();
    for (int i = 0; i <= choices.below(3); i++) {
      String name = choices.onceIn(12) ? choices.text() + i : "array" + i + ".npy";
      members.put(name, choices.damaged(array(choices)));
    }
    byte[] bytes = choices.damaged(TorchFiles.zip(members, method));
    Path file = Damaged.write(folder, bytes);
    READER.read(bytes.length, () -> Npz.read(file));
  }

  private static byte[] array(Choices choices) {
    String type = choices.of(choices.onceIn(4) ? TYPES : TYPES.subList(0, 5));
    int rows = choices.below(5);
    int columns = 1 + choices.below(4);
    String shape =
        choices.onceIn(8) ? choices.number() + ", " + choices.number() : rows + ", " + columns;
    String header =
        "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }"
            .formatted(type, choices.onceIn(8) ? "True" : "False", shape);
    byte[] text = choices.damaged((header + "\n").getBytes(StandardCharsets.ISO_8859_1));
    int count = rows * columns * WIDTHS.getOrDefault(type, 4);
    int version = choices.onceIn(8) ? choices.below(5) : 1;
    long length = choices.onceIn(16) ? choices.number() : text.length;
    ByteBuffer head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    head.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    head.put((byte) version).put((byte) 0);
    if (version == 1) {
      head.putShort((short) length);
    } else {
      head.putInt((int) length);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(head.array(), 0, head.position());
    out.writeBytes(text);
    out.writeBytes(choices.data(choices.onceIn(12) ? choices.below(40) : count));
    return out.toByteArray();
  }
}
