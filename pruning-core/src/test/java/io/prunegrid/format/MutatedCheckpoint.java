package io.prunegrid.format;

import io.prunegrid.format.TorchFiles.Elements;
import io.prunegrid.testing.Choices;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;

/** A torch checkpoint whose object, storages and container are changed, each by itself. */
final class MutatedCheckpoint {
  private final Choices choices;
  private final Map<String, Elements> storages = new LinkedHashMap<>();
  private final byte[] object;

  MutatedCheckpoint(Choices choices) {
    this.choices = choices;
    for (int i = 0; i <= choices.below(3); i++) {
      int count = 1 + choices.below(6);
      Elements elements = new Elements("FloatStorage", count, choices.data(4 * count));
      storages.put("layer" + i + ".weight", elements);
    }
    object = PickleMutation.of(TorchFiles.vectors(storages), choices);
    if (choices.onceIn(8)) {
      storages.put("layer0.weight", storage());
    }
    if (choices.onceIn(16)) {
      storages.put(choices.text(), storage());
    }
  }

  /** A storage that announces something else than it holds. */
  private Elements storage() {
    byte[] bytes = choices.data(choices.below(40));
    return new Elements("FloatStorage", (int) choices.number(), bytes);
  }

  byte[] legacy() {
    String littleEndian = choices.onceIn(16) ? "N" : "\u0088";
    return choices.damaged(TorchFiles.legacy(object, storages, littleEndian));
  }

  byte[] zip() {
    String root = choices.onceIn(12) ? choices.text() : "archive";
    Map<String, byte[]> members = new LinkedHashMap<>();
    members.put(root + "/data.pkl", object);
    storages.forEach((key, elements) -> members.put(member(root, key), elements.bytes()));
    members.put(root + "/version", "3\n".getBytes(StandardCharsets.UTF_8));
    if (choices.onceIn(12)) {
      members.put(root + "/byteorder", choices.text().getBytes(StandardCharsets.UTF_8));
    }
    if (choices.onceIn(20)) {
      members.put(choices.text(), Arrays.copyOf(object, choices.below(object.length)));
    }
    int method = choices.onceIn(16) ? ZipEntry.DEFLATED : ZipEntry.STORED;
    return choices.damaged(TorchFiles.zip(members, method));
  }

  private String member(String root, String key) {
    return choices.onceIn(20) ? choices.text() + key : root + "/data/" + key;
  }
}
