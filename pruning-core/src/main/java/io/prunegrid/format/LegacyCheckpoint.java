package io.prunegrid.format;

import io.prunegrid.format.PickleValue.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The stream that torch wrote before version 1.6: five pickles (a magic number, the version, the
 * system, the object, the storages' keys), then each storage as a count and its raw elements.
 */
final class LegacyCheckpoint {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long VERSION = 1001;

  private LegacyCheckpoint() {}

  static TorchFile read(Bytes file) throws IOException {
    TorchObjects objects = new TorchObjects();
    Object root;
    Object keys;
    long position;
    try (InputStream in = file.open(0)) {
      PickleInput input = new PickleInput(in, file.length());
      if (!MAGIC.equals(PickleMachine.read(input, objects))) {
        throw new Malformed("is a pickle, but does not begin with torch's magic number");
      }
      Object version = PickleMachine.read(input, objects);
      if (!Long.valueOf(VERSION).equals(version)) {
        throw new Malformed("has another version of torch's legacy format than " + VERSION);
      }
      expectLittleEndian(PickleMachine.read(input, objects));
      root = PickleMachine.read(input, objects);
      keys = PickleMachine.read(input, objects);
      position = input.position();
    }
    return new TorchFile(root, storages(file, objects.storages(), keys, position));
  }

  private static void expectLittleEndian(Object system) throws IOException {
    Object little = system instanceof Map<?, ?> map ? map.get("little_endian") : null;
    if (!Boolean.TRUE.equals(little)) {
      throw new Malformed(
          "was written on a big-endian machine; only little-endian checkpoints can be read");
    }
  }

  private static Map<String, Bytes> storages(
      Bytes file, Map<String, Storage> known, Object keys, long start) throws IOException {
    if (!(keys instanceof List<?> list)) {
      throw new Malformed("has no list of storages before byte " + start);
    }
    Map<String, Bytes> storages = new HashMap<>();
    long position = start;
    for (Object item : list) {
      Storage storage = known.get(String.valueOf(item));
      if (storage == null || storages.containsKey(storage.key())) {
        throw new Malformed("lists a storage that no tensor uses, or one twice");
      }
      String name = "storage " + Malformed.quote(storage.key());
      long elements = count(file, name, position);
      if (elements != storage.elements()) {
        throw new Malformed(
            name
                + " at byte "
                + position
                + " holds "
                + elements
                + " elements, expected "
                + storage.elements());
      }
      position += Long.BYTES;
      int each = storage.type().bytes();
      if (elements > (file.length() - position) / each) {
        throw new Malformed(
            "ends at byte "
                + file.length()
                + ", in the middle of "
                + name
                + ": "
                + elements
                + " elements of "
                + storage.type()
                + " were expected from byte "
                + position);
      }
      storages.put(storage.key(), file.slice(position, elements * each, name));
      position += elements * each;
    }
    for (String key : known.keySet()) {
      if (!storages.containsKey(key)) {
        throw new Malformed("does not hold storage " + Malformed.quote(key));
      }
    }
    if (position != file.length()) {
      throw new Malformed(
          "goes on after its last storage: " + file.length() + " bytes, expected " + position);
    }
    return storages;
  }

  private static long count(Bytes file, String name, long position) throws IOException {
    if (position > file.length() - Long.BYTES) {
      throw new Malformed("ends at byte " + file.length() + ", before " + name);
    }
    try (InputStream in = file.open(position)) {
      byte[] bytes = in.readNBytes(Long.BYTES);
      if (bytes.length < Long.BYTES) {
        throw new Malformed("ends early, before " + name);
      }
      return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
  }
}
