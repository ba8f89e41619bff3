package io.prunegrid.job.store;

import io.prunegrid.job.store.disk.Location;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One of several processes that publish the same keys with different contents. */
public final class StoreChild {
  private StoreChild() {}

  /** Arguments: root, this writer's name, keys. */
  public static void main(String[] arguments) {
    ArtifactStore store =
        ArtifactStore.open(List.of(Location.of(arguments[0])), System.err::println);
    for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
      byte[] content = (arguments[1] + " made " + i).repeat(500).getBytes(StandardCharsets.UTF_8);
      System.out.println(i + " " + store.publish("key-" + i, content));
    }
  }
}
