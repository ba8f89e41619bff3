package io.prunegrid.job.store;

import io.prunegrid.common.Sha256;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Lease;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** One artifact store on one file system: {@code pointers}, {@code content} and {@code leases}. */
final class ArtifactFolder {
  static final String POINTERS = "pointers";
  static final String CONTENT = "content";
  static final String LEASES = "leases";

  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  private final Disk disk;
  private final Location root;
  private final Consumer<String> warnings;
  private final Set<String> damagedKeys = ConcurrentHashMap.newKeySet();

  ArtifactFolder(Disk disk, Location root, Consumer<String> warnings) {
    this.disk = disk;
    this.root = root;
    this.warnings = warnings;
  }

  Location root() {
    return root;
  }

  Disk disk() {
    return disk;
  }

  /** The artifact of a key, verified; what is wrong with it where it is damaged is a warning. */
  Optional<Artifact> find(String key) throws IOException {
    Optional<byte[]> pointer = disk.read(pointer(key));
    if (pointer.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> hash = hash(pointer.get());
    if (hash.isEmpty()) {
      return damaged(key, "its pointer is no hash");
    }
    Optional<byte[]> bytes = disk.read(content(hash.get()));
    if (bytes.isEmpty()) {
      return damaged(key, "it lost its content " + hash.get());
    }
    String found = Sha256.of(bytes.get());
    if (!found.equals(hash.get())) {
      return damaged(key, "its content has hash " + found + " in place of " + hash.get());
    }
    damagedKeys.remove(key);
    return Optional.of(new Artifact(hash.get(), bytes.get()));
  }

  private Optional<Artifact> damaged(String key, String how) {
    // Whoever waits for it looks again and again.
    if (damagedKeys.add(key)) {
      warnings.accept("artifact " + key + " in " + root + " is damaged: " + how);
    }
    return Optional.empty();
  }

  /** Publishes; returns the content hash that the key has now. */
  String publish(String key, byte[] bytes) throws IOException {
    String hash = Sha256.of(bytes);
    byte[] pointer = (hash + "\n").getBytes(StandardCharsets.UTF_8);
    putContent(hash, bytes);
    if (disk.publish(pointer(key), pointer, ArtifactStep::ofPointer)) {
      putBack(hash, bytes);
      return hash;
    }
    Optional<String> first = disk.read(pointer(key)).flatMap(ArtifactFolder::hash);
    if (first.isPresent() && (first.get().equals(hash) || isIntact(first.get()))) {
      putBack(hash, bytes);
      return first.get();
    }
    disk.replace(pointer(key), pointer);
    putBack(hash, bytes);
    return hash;
  }

  /** Idle contents may be removed at any moment, and this one was idle until it had its pointer. */
  private void putBack(String hash, byte[] bytes) throws IOException {
    if (!disk.exists(content(hash))) {
      putContent(hash, bytes);
    }
  }

  private void putContent(String hash, byte[] bytes) throws IOException {
    if (!disk.publish(content(hash), bytes, ArtifactStep::ofContent) && !isIntact(hash)) {
      warnings.accept("artifact content " + hash + " in " + root + " was damaged and is replaced");
      disk.replace(content(hash), bytes);
    }
  }

  private boolean isIntact(String hash) throws IOException {
    return disk.read(content(hash)).filter(bytes -> Sha256.of(bytes).equals(hash)).isPresent();
  }

  Lease.Onlooker onlooker(String key) {
    return new Lease.Onlooker(disk, root.resolve(LEASES + "/" + shelf(key)), key + ".");
  }

  /** What a pointer holds; empty where that is no hash. */
  static Optional<String> hash(byte[] pointer) {
    String text = new String(pointer, StandardCharsets.UTF_8).strip();
    return HASH.matcher(text).matches() ? Optional.of(text) : Optional.empty();
  }

  private Location pointer(String key) {
    return root.resolve(POINTERS + "/" + shelf(key) + "/" + key);
  }

  private Location content(String hash) {
    return root.resolve(CONTENT + "/" + hash.substring(0, 2) + "/" + hash);
  }

  /** Keys are spread over folders so that none grows too large to list. */
  private static String shelf(String key) {
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException("not a key of an artifact: '" + key + "'");
    }
    return Sha256.of(key).substring(0, 2);
  }
}
