package io.prunegrid.pipeline;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Where shared work is kept between cells, runs and people. The first writer of a key wins; later
 * ones get what it wrote.
 */
public interface Artifacts {
  /**
   * The artifact of this key, its checksum verified; empty where there is none or it is damaged.
   */
  Optional<Artifact> find(String key);

  /**
   * What the key has once somebody computed it.
   *
   * @param artifact the one that counts
   * @param isFound whether it was there, or somebody else computed it meanwhile
   */
  record Obtained(Artifact artifact, boolean isFound) {}

  /**
   * The artifact of this key, computed and published where there is none. Others that want it at
   * the same time may be made to wait, so that it is computed once.
   */
  default Obtained obtain(String key, Supplier<byte[]> compute) {
    return find(key)
        .map(found -> new Obtained(found, true))
        .orElseGet(() -> new Obtained(publish(key, compute.get()), false));
  }

  /**
   * Lets work make several artifacts at once, where they are missing and nobody is known to make
   * them. Others that want one of them meanwhile may be made to wait.
   *
   * @param work told which keys are left to it, in their order, if any; it publishes what it makes,
   *     and what it does not make stays missing
   */
  default void whileMissing(List<String> keys, Consumer<List<String>> work) {
    List<String> missing = keys.stream().filter(key -> find(key).isEmpty()).toList();
    if (!missing.isEmpty()) {
      work.accept(missing);
    }
  }

  /** Publishes unless the key has an artifact already, and gives the one that counts. */
  Artifact publish(String key, byte[] bytes);

  /** Bytes and the hash that proves them whole. */
  final class Artifact {
    private final String contentHash;
    private final byte[] bytes;

    /**
     * An artifact over these bytes, which the caller hands over and must not change any more.
     *
     * @param contentHash SHA-256 of the bytes
     */
    public Artifact(String contentHash, byte[] bytes) {
      this.contentHash = contentHash;
      this.bytes = bytes;
    }

    /** SHA-256 of the bytes. */
    public String contentHash() {
      return contentHash;
    }

    /** The bytes; not copied, so not to be changed. */
    public byte[] bytes() {
      return bytes;
    }
  }
}
