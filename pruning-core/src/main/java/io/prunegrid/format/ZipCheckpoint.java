package io.prunegrid.format;

import io.prunegrid.format.PickleValue.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The zip file that torch writes since version 1.6: the object in {@code data.pkl}, every storage
 * in a member of its own, all under one folder and uncompressed.
 */
final class ZipCheckpoint {
  private static final String OBJECT = "data.pkl";

  private ZipCheckpoint() {}

  static TorchFile read(ZipMembers members) throws IOException {
    String folder = folder(members);
    expectLittleEndian(members, folder + "byteorder");
    TorchObjects objects = new TorchObjects();
    Bytes pickle = members.stored(folder + OBJECT);
    Object root;
    try (InputStream in = pickle.open(0)) {
      root = PickleMachine.read(new PickleInput(in, pickle.length()), objects);
    }
    Map<String, Bytes> storages = new HashMap<>();
    for (Storage storage : objects.storages().values()) {
      Bytes bytes = members.stored(folder + "data/" + storage.key());
      int each = storage.type().bytes();
      if (bytes.length() % each != 0 || bytes.length() / each != storage.elements()) {
        throw new Malformed(
            bytes.name()
                + " has "
                + bytes.length()
                + " bytes, expected "
                + storage.elements()
                + " elements of "
                + storage.type());
      }
      storages.put(storage.key(), bytes);
    }
    return new TorchFile(root, storages);
  }

  private static String folder(ZipMembers members) throws IOException {
    List<String> pickles =
        members.names().stream()
            .filter(name -> name.equals(OBJECT) || name.endsWith("/" + OBJECT))
            .toList();
    if (pickles.size() != 1) {
      throw new Malformed(
          "is a zip file with "
              + pickles.size()
              + " members named "
              + OBJECT
              + "; a torch checkpoint has one");
    }
    return pickles.get(0).substring(0, pickles.get(0).length() - OBJECT.length());
  }

  private static void expectLittleEndian(ZipMembers members, String name) throws IOException {
    if (!members.contains(name)) {
      return;
    }
    Bytes order = members.stored(name);
    try (InputStream in = order.open(0)) {
      String text = new String(in.readNBytes(16), StandardCharsets.UTF_8);
      if (!text.equals("little")) {
        throw new Malformed(
            "has the byte order "
                + Malformed.quote(text)
                + "; only little-endian checkpoints can be read");
      }
    }
  }
}
