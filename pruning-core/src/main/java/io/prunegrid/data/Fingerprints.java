package io.prunegrid.data;

import io.prunegrid.common.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Remembers what data sets contain, so that files which have not changed are not read again to know
 * it: a fingerprint is kept under the paths, sizes and times of the files. Files whose bytes were
 * changed behind their times are not noticed here; whoever then reads them compares.
 *
 * <p>A folder that cannot be written is no error: then data are read every time.
 */
public final class Fingerprints {
  /** Environment variable that names the folder of what may be computed again. */
  public static final String FOLDER_VARIABLE = "PRUNEGRID_CACHE";

  /** Raised when the same files give other images, or the format of an entry changes. */
  private static final String VERSION = "fingerprint 1";

  /** A file this young may change again within the resolution of its time. */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private final Path folder;

  /**
   * @param folder where entries are kept; made when the first one is
   */
  public Fingerprints(Path folder) {
    this.folder = folder;
  }

  /**
   * In the user's folder of caches: {@code $PRUNEGRID_CACHE}, else {@code prunegrid} in {@code
   * $XDG_CACHE_HOME} or {@code ~/.cache}.
   */
  public static Fingerprints ofUser() {
    Map<String, String> environment = System.getenv();
    String own = environment.getOrDefault(FOLDER_VARIABLE, "");
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path folder =
        !own.isEmpty()
            ? Path.of(own)
            : caches.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache", "prunegrid")
                : Path.of(caches, "prunegrid");
    return new Fingerprints(folder.resolve("fingerprints"));
  }

  /** The fingerprint that is kept of these files, if they are as they were. */
  public Optional<Fingerprint> find(DataSource source) {
    return entry(source).flatMap(Fingerprints::read);
  }

  /**
   * Reads the data and keeps their fingerprint.
   *
   * @throws io.prunegrid.common.BadInput where the data are absent or broken
   */
  public Fingerprint read(DataSource source) {
    Optional<Path> before = entry(source);
    Fingerprint fingerprint = Fingerprint.of(source);
    Optional<Path> after = entry(source);
    if (before.isPresent() && before.equals(after)) {
      keep(before.get(), fingerprint);
    }
    return fingerprint;
  }

  /** Forgets what is kept of these files. */
  public void forget(DataSource source) {
    try {
      Optional<Path> entry = entry(source);
      if (entry.isPresent()) {
        Files.deleteIfExists(entry.get());
      }
    } catch (IOException e) {
      // what cannot be deleted is compared with the data again by whoever reads them
    }
  }

  /** The file of the entry; none where the data have no files or one is very young. */
  private Optional<Path> entry(DataSource source) {
    if (source.files().isEmpty()) {
      return Optional.empty();
    }
    StringBuilder identity = new StringBuilder(VERSION).append('\n');
    identity.append(Datasets.absolute(source.spec())).append('\n');
    identity.append(source.imageShape()).append(source.classNames()).append('\n');
    Instant settled = Instant.now().minus(SETTLED);
    try {
      for (Path file : source.files()) {
        Path real = file.toRealPath();
        Map<String, Object> facts =
            new TreeMap<>(Files.readAttributes(real, "size,lastModifiedTime"));
        if (Files.getLastModifiedTime(real).toInstant().isAfter(settled)) {
          return Optional.empty();
        }
        if (real.getFileSystem().supportedFileAttributeViews().contains("unix")) {
          facts.putAll(Files.readAttributes(real, "unix:ino,ctime"));
        }
        identity.append(real).append(' ').append(facts).append('\n');
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.of(folder.resolve(Sha256.of(identity.toString()) + ".txt"));
  }

  private static Optional<Fingerprint> read(Path entry) {
    List<String> lines;
    try {
      lines = Files.readAllLines(entry);
    } catch (IOException e) {
      return Optional.empty();
    }
    if (lines.size() != 3 || !lines.get(2).equals(Sha256.of(lines.get(0) + "\n" + lines.get(1)))) {
      return Optional.empty();
    }
    String[] train = lines.get(0).split(" ", -1);
    String[] test = lines.get(1).split(" ", -1);
    return Optional.of(new Fingerprint(train[0], test[0], counts(train[1]), counts(test[1])));
  }

  private static List<Integer> counts(String text) {
    return Arrays.stream(text.split(",", -1)).map(Integer::valueOf).toList();
  }

  private void keep(Path entry, Fingerprint fingerprint) {
    String text =
        line(fingerprint.train(), fingerprint.trainCounts())
            + "\n"
            + line(fingerprint.test(), fingerprint.testCounts());
    try {
      Files.createDirectories(folder);
      Path temporary = Files.createTempFile(folder, "new", ".tmp");
      try {
        Files.write(
            temporary, (text + "\n" + Sha256.of(text) + "\n").getBytes(StandardCharsets.UTF_8));
        Files.move(
            temporary, entry, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException | SecurityException e) {
      // a cache that cannot be written costs time and nothing else
    }
  }

  private static String line(String hash, List<Integer> counts) {
    return hash + " " + counts.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
