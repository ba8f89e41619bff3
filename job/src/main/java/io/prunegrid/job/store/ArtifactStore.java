package io.prunegrid.job.store;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * What cells share (bases, scores), kept by what it was made from: input key, pointer, content
 * hash, bytes. The first writer of a key wins, and whoever computed the same a second time uses the
 * first one's result. Runs and people may share a store: nothing in it ever changes, equal contents
 * are kept once, and everything is verified by its hash when read. What is damaged or lost is
 * reported and counts as absent; publishing it again mends the store.
 */
public final class ArtifactStore {
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  private final PublishIfAbsent folder;
  private final Consumer<String> warnings;

  /**
   * A store on any file system.
   *
   * @param warnings told, in one sentence each, of artifacts that are damaged
   */
  public ArtifactStore(PublishIfAbsent folder, Consumer<String> warnings) {
    this.folder = folder;
    this.warnings = warnings;
  }

  /**
   * A store on a local disk, made where it is missing.
   *
   * @throws BadInput where it cannot be written
   */
  public static ArtifactStore local(Path root, Consumer<String> warnings) {
    try {
      Durable.createFolders(root);
    } catch (IOException e) {
      throw new BadInput("artifact store " + root + " cannot be made: " + e, e);
    }
    if (!Files.isWritable(root)) {
      throw new BadInput("artifact store " + root + " cannot be written");
    }
    return new ArtifactStore(new LocalFolder(root), warnings);
  }

  /**
   * Why nobody could write to a store on a local disk, found without making anything; empty where
   * one could.
   */
  public static Optional<String> problem(Path root) {
    return Durable.problem("artifact store", root);
  }

  /**
   * Makes sure that a store on a local disk can be made, and leaves nothing behind.
   *
   * @throws BadInput where it cannot
   */
  public static void tryToMake(Path root) {
    problem(root)
        .ifPresent(
            problem -> {
              throw new BadInput(problem);
            });
    Deque<Path> made = Durable.missing(root);
    try {
      try {
        Files.createDirectories(root);
      } finally {
        for (Path folder : made) {
          Files.deleteIfExists(folder);
        }
      }
    } catch (IOException e) {
      throw new BadInput("artifact store " + root + " cannot be made: " + e, e);
    }
  }

  /**
   * The artifact of a key, verified; empty where there is none or it is damaged.
   *
   * @throws UncheckedIOException where the store cannot be read
   */
  public Optional<Artifact> find(String key) {
    try {
      Optional<byte[]> pointer = folder.read(pointer(key));
      if (pointer.isEmpty()) {
        return Optional.empty();
      }
      Optional<String> hash = hash(pointer.get());
      if (hash.isEmpty()) {
        warnings.accept("the pointer of artifact " + key + " is damaged; it is computed again");
        return Optional.empty();
      }
      return whole(key, hash.get());
    } catch (IOException e) {
      throw new UncheckedIOException("artifact " + key + " cannot be read", e);
    }
  }

  /** Whether a key has an artifact, without reading it. */
  public boolean contains(String key) {
    try {
      return folder.read(pointer(key)).isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException("artifact " + key + " cannot be read", e);
    }
  }

  /**
   * Publishes what was computed for a key, durably.
   *
   * @return the content hash that the key has now: the first writer's, which need not be this one's
   * @throws UncheckedIOException where the store cannot be written
   */
  public String publish(String key, byte[] bytes) {
    String hash = Sha256.of(bytes);
    byte[] pointer = (hash + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      putContent(hash, bytes);
      if (folder.publish(pointer(key), pointer)) {
        return hash;
      }
      Optional<String> first = folder.read(pointer(key)).flatMap(ArtifactStore::hash);
      if (first.isPresent() && (first.get().equals(hash) || intact(first.get()))) {
        return first.get();
      }
      folder.repair(pointer(key), pointer);
      return hash;
    } catch (IOException e) {
      throw new UncheckedIOException("artifact " + key + " cannot be written", e);
    }
  }

  /** Every key, in order. */
  public List<String> keys() {
    try {
      return folder.names("pointers").stream()
          .map(name -> name.substring(name.lastIndexOf('/') + 1))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("the artifact store cannot be listed", e);
    }
  }

  private void putContent(String hash, byte[] bytes) throws IOException {
    if (!folder.publish(content(hash), bytes) && !intact(hash)) {
      warnings.accept("artifact content " + hash + " was damaged and is replaced");
      folder.repair(content(hash), bytes);
    }
  }

  private boolean intact(String hash) throws IOException {
    return folder.read(content(hash)).filter(bytes -> Sha256.of(bytes).equals(hash)).isPresent();
  }

  private Optional<Artifact> whole(String key, String hash) throws IOException {
    Optional<byte[]> bytes = folder.read(content(hash));
    if (bytes.isEmpty()) {
      warnings.accept("artifact " + key + " lost its content " + hash + "; it is computed again");
      return Optional.empty();
    }
    String found = Sha256.of(bytes.get());
    if (!found.equals(hash)) {
      warnings.accept(
          "artifact "
              + key
              + " is damaged: its content has hash "
              + found
              + " in place of "
              + hash
              + "; it is computed again");
      return Optional.empty();
    }
    return Optional.of(new Artifact(hash, bytes.get()));
  }

  private static Optional<String> hash(byte[] pointer) {
    String text = new String(pointer, StandardCharsets.UTF_8).strip();
    return HASH.matcher(text).matches() ? Optional.of(text) : Optional.empty();
  }

  private static String pointer(String key) {
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException("not a key of an artifact: '" + key + "'");
    }
    return "pointers/" + Sha256.of(key).substring(0, 2) + "/" + key;
  }

  private static String content(String hash) {
    return "content/" + hash.substring(0, 2) + "/" + hash;
  }
}
