package io.prunegrid.format;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes the checkpoints that torch would, and some that it would not, without torch. */
final class TorchFiles {
  /** What {@code torch.save} puts in front of a legacy checkpoint: magic number and version. */
  private static final String LEGACY_HEAD =
      "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.\u0080\u0002M\u00e9\u0003.";

  private TorchFiles() {}

  /** The elements of a storage, already encoded. */
  static final class Elements {
    private final String storageClass;
    private final int count;
    private final byte[] bytes;

    Elements(String storageClass, int count, byte[] bytes) {
      this.storageClass = storageClass;
      this.count = count;
      this.bytes = bytes;
    }

    String storageClass() {
      return storageClass;
    }

    int count() {
      return count;
    }

    byte[] bytes() {
      return bytes;
    }

    static Elements floats(float... values) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      return new Elements("FloatStorage", values.length, bytes.array());
    }
  }

  /** Pickle opcodes, one after the other; every method returns this. */
  static final class Pickle {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Opcodes as Latin-1 characters. */
    Pickle op(String opcodes) {
      out.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
      return this;
    }

    Pickle text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return op("X").int32(bytes.length).raw(bytes);
    }

    Pickle number(long value) {
      return value == (int) value
          ? op("J").int32((int) value)
          : op("\u008a\u0008").raw(little(8).putLong(value).array());
    }

    Pickle global(String module, String name) {
      return op("c" + module + "\n" + name + "\n");
    }

    Pickle tuple(long... values) {
      op("(");
      for (long value : values) {
        number(value);
      }
      return op("t");
    }

    /** A tensor, as {@code _rebuild_tensor_v2} is called for it. */
    Pickle tensor(String key, Elements elements, long offset, long[] size, long[] stride) {
      global("torch._utils", "_rebuild_tensor_v2").op("((").text("storage");
      global("torch", elements.storageClass()).text(key).text("cpu").number(elements.count());
      op("NtQ").number(offset).tuple(size).tuple(stride).op("\u0089");
      return global("collections", "OrderedDict").op(")RtR");
    }

    /** A contiguous vector. */
    Pickle vector(String key, Elements elements) {
      return tensor(key, elements, 0, new long[] {elements.count()}, new long[] {1});
    }

    Pickle int32(int value) {
      return raw(little(4).putInt(value).array());
    }

    Pickle raw(byte[] bytes) {
      out.writeBytes(bytes);
      return this;
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }

  static Pickle pickle() {
    return new Pickle().op("\u0080\u0002");
  }

  /** A dict of contiguous vectors, each in a storage of its own name. */
  static byte[] vectors(Map<String, Elements> vectors) {
    Pickle pickle = pickle().op("}(");
    vectors.forEach((name, elements) -> pickle.text(name).vector(name, elements));
    return pickle.op("u.").bytes();
  }

  static byte[] legacy(byte[] object, Map<String, Elements> storages) {
    return legacy(object, storages, "\u0088");
  }

  /**
   * A legacy checkpoint.
   *
   * @param littleEndian the opcode for true or false
   */
  static byte[] legacy(byte[] object, Map<String, Elements> storages, String littleEndian) {
    Pickle file = new Pickle().op(LEGACY_HEAD);
    file.op("\u0080\u0002}").text("little_endian").op(littleEndian + "s.").raw(object);
    file.op("\u0080\u0002](");
    storages.keySet().forEach(file::text);
    file.op("e.");
    storages
        .values()
        .forEach(
            elements ->
                file.raw(little(8).putLong(elements.count()).array()).raw(elements.bytes()));
    return file.bytes();
  }

  static byte[] zip(byte[] object, Map<String, Elements> storages) {
    Map<String, byte[]> members = new LinkedHashMap<>();
    members.put("archive/data.pkl", object);
    storages.forEach((key, elements) -> members.put("archive/data/" + key, elements.bytes()));
    members.put("archive/version", "3\n".getBytes(StandardCharsets.UTF_8));
    return zip(members, ZipEntry.STORED);
  }

  static byte[] zip(Map<String, byte[]> members, int method) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes);
        DataOutputStream out = new DataOutputStream(zip)) {
      for (Map.Entry<String, byte[]> member : members.entrySet()) {
        CRC32 sum = new CRC32();
        sum.update(member.getValue());
        ZipEntry entry = new ZipEntry(member.getKey());
        entry.setMethod(method);
        entry.setSize(member.getValue().length);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        out.write(member.getValue());
        out.flush();
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** The same object in both forms. */
  static List<byte[]> bothForms(byte[] object, Map<String, Elements> storages) {
    return List.of(legacy(object, storages), zip(object, storages));
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.wrap(new byte[bytes]).order(ByteOrder.LITTLE_ENDIAN);
  }
}
