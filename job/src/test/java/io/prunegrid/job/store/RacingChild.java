package io.prunegrid.job.store;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.job.store.disk.FaultyDisk;
import io.prunegrid.job.store.disk.Location;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * One of several processes that publish overlapping keys on a file system that fails: prints {@code
 * KEY HASH} for each publication, and {@code FAULT COUNT} at the end.
 */
public final class RacingChild {
  private static final int ONE_IN = 6;
  private static final int MOST_TRIES = 100;

  private RacingChild() {}

  /** The key of a number. */
  public static String key(int number) {
    return "key-" + number;
  }

  /** Arguments: store, number of this process, publications, different keys. */
  public static void main(String[] arguments) {
    Location root = Location.of(arguments[0]);
    int me = Integer.parseInt(arguments[1]);
    int publications = Integer.parseInt(arguments[2]);
    int keys = Integer.parseInt(arguments[3]);
    FaultyDisk disk = FaultyDisk.around(root, SplitMix64.stream(me, "faults"), ONE_IN);
    ArtifactStore store = ArtifactStore.open(disk, root, System.err::println);
    for (int i = 0; i < publications; i++) {
      // Every process begins somewhere else, and each key comes to several of them.
      String key = key((i + me * publications / 3) % keys);
      byte[] content = (key + " by " + me + " ").repeat(700).getBytes(StandardCharsets.UTF_8);
      System.out.println(key + " " + publish(store, key, content));
    }
    disk.injected().forEach((fault, count) -> System.out.println(fault + " " + count));
    System.out.flush();
    System.exit(0);
  }

  /** An error says that nothing is known, so the caller asks again. */
  private static String publish(ArtifactStore store, String key, byte[] content) {
    for (int tries = 1; ; tries++) {
      try {
        return store.publish(key, content);
      } catch (UncheckedIOException e) {
        if (tries == MOST_TRIES) {
          throw e;
        }
      }
    }
  }
}
