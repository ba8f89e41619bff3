package io.prunegrid.job.store;

import io.prunegrid.job.store.disk.Location;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One of several processes that want the same artifacts at the same time: prints {@code KEY HASH}
 * for each, and {@code computed KEY} where it was the one that computed it.
 */
public final class ObtainingChild {
  private static final int HALTED = 137;

  private ObtainingChild() {}

  /** Arguments: store, keys, and the key at whose computation this process dies, or -1. */
  public static void main(String[] arguments) {
    ArtifactStore store =
        ArtifactStore.open(List.of(Location.of(arguments[0])), System.err::println);
    int dies = Integer.parseInt(arguments[2]);
    for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
      int number = i;
      ArtifactStore.Obtained obtained =
          store.obtain("key-" + number, () -> compute(number, number == dies));
      if (!obtained.isFound()) {
        System.out.println("computed " + number);
      }
      System.out.println(number + " " + obtained.artifact().contentHash());
    }
    System.exit(0);
  }

  private static byte[] compute(int number, boolean dies) {
    try {
      Thread.sleep(30);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (dies) {
      System.out.println("dies at " + number);
      System.out.flush();
      Runtime.getRuntime().halt(HALTED);
    }
    return ("artifact " + number + " by " + ProcessHandle.current().pid())
        .getBytes(StandardCharsets.UTF_8);
  }
}
