package io.prunegrid.job.store;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Sha256;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Lease;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Looks after one artifact store: what is in it, whether it is whole, what nobody needs. */
public final class StoreCare {
  /** Bytes of removed contents that are kept in mind until it is sure that nobody named them. */
  private static final long BYTES_IN_MIND = 64L << 20;

  private final Disk disk;
  private final Location root;

  StoreCare(Disk disk, Location root) {
    this.disk = disk;
    this.root = root;
  }

  /**
   * The store in this folder.
   *
   * @throws BadInput where there is none
   */
  public static StoreCare of(Location root) {
    Disk disk = Disk.of(root);
    try {
      if (!disk.exists(root.resolve(ArtifactFolder.POINTERS))
          && !disk.exists(root.resolve(ArtifactFolder.CONTENT))) {
        throw new BadInput(
            disk.exists(root)
                ? root + " is no artifact store: it has neither pointers nor content"
                : "no artifact store at " + root);
      }
    } catch (IOException e) {
      throw new BadInput("artifact store " + root + " cannot be read: " + e, e);
    }
    return new StoreCare(disk, root);
  }

  /**
   * One artifact.
   *
   * @param key what it was made from
   * @param contentHash SHA-256 of its bytes, as its pointer says; empty where the pointer is
   *     damaged
   * @param bytes its size; -1 where its content is missing
   * @param published when its pointer was written
   */
  public record Listed(String key, Optional<String> contentHash, long bytes, Instant published) {}

  /** Every artifact, by key. */
  public List<Listed> list() throws IOException {
    Map<String, Long> sizes = new HashMap<>();
    forEach(ArtifactFolder.CONTENT, (file, entry) -> sizes.put(entry.name(), entry.bytes()));
    List<Listed> all = new ArrayList<>();
    forEach(
        ArtifactFolder.POINTERS,
        (file, entry) -> {
          Optional<byte[]> pointer = disk.read(file);
          if (pointer.isPresent()) {
            Optional<String> hash = ArtifactFolder.hash(pointer.get());
            long bytes = hash.map(name -> sizes.getOrDefault(name, -1L)).orElse(-1L);
            all.add(new Listed(entry.name(), hash, bytes, entry.modified()));
          }
        });
    all.sort(java.util.Comparator.comparing(Listed::key));
    return all;
  }

  /**
   * Reads everything.
   *
   * @return a sentence for each artifact and content that is damaged, by name
   */
  public List<String> verify() throws IOException {
    List<String> problems = new ArrayList<>();
    Set<String> damaged = new HashSet<>();
    forEach(
        ArtifactFolder.CONTENT,
        (file, entry) -> {
          Optional<byte[]> bytes = disk.read(file);
          if (bytes.isPresent() && !Sha256.of(bytes.get()).equals(entry.name())) {
            damaged.add(entry.name());
            problems.add("content " + file + " is damaged: it has hash " + Sha256.of(bytes.get()));
          }
        });
    for (Listed artifact : list()) {
      if (artifact.contentHash().isEmpty()) {
        problems.add("artifact " + artifact.key() + " is damaged: its pointer is no hash");
      } else if (artifact.bytes() < 0) {
        problems.add(
            "artifact " + artifact.key() + " lost its content " + artifact.contentHash().get());
      } else if (damaged.contains(artifact.contentHash().get())) {
        problems.add(
            "artifact "
                + artifact.key()
                + " is damaged: see its content "
                + artifact.contentHash().get());
      }
    }
    return problems;
  }

  /**
   * What {@link #collect} removed.
   *
   * @param files how many of each kind: {@code artifacts}, {@code contents}, {@code unfinished
   *     files} and {@code leases}
   * @param bytes of all that was removed
   */
  public record Collected(Map<String, Integer> files, long bytes) {}

  /**
   * Removes what nobody needs: artifacts that are not wanted, contents that no artifact names,
   * files that dead writers left, leases of dead processes. Safe while others publish: should
   * somebody name a content at the moment when it is removed, either this puts it back or the other
   * does. To be killed in between leaves an artifact that counts as absent.
   *
   * @param age nothing younger than this is removed, by this machine's clock
   * @param isWanted of an artifact's key
   */
  public Collected collect(Duration age, Predicate<String> isWanted) throws IOException {
    Instant limit = Instant.now().minus(age);
    Map<String, Integer> files = new LinkedHashMap<>();
    long[] bytes = {0};
    Removal remove =
        (kind, file, entry) -> {
          if (disk.delete(file)) {
            files.merge(kind, 1, Integer::sum);
            bytes[0] += entry.bytes();
          }
        };
    for (String folder :
        List.of(ArtifactFolder.POINTERS, ArtifactFolder.CONTENT, ArtifactFolder.LEASES)) {
      forEachUnfinished(
          folder,
          (file, entry) -> {
            if (!entry.modified().isAfter(limit)) {
              remove.remove("unfinished files", file, entry);
            }
          });
    }
    forEach(
        ArtifactFolder.LEASES,
        (file, entry) -> {
          Optional<byte[]> lease = disk.read(file);
          if (lease.isPresent()
              && (Lease.isOver(lease.get()) || !entry.modified().isAfter(limit))) {
            remove.remove("leases", file, entry);
          }
        });
    forEach(
        ArtifactFolder.POINTERS,
        (file, entry) -> {
          if (!entry.modified().isAfter(limit) && !isWanted.test(entry.name())) {
            remove.remove("artifacts", file, entry);
          }
        });
    collectContents(limit, remove);
    return new Collected(files, bytes[0]);
  }

  private void collectContents(Instant limit, Removal remove) throws IOException {
    Set<String> named = named();
    Map<Location, Disk.Entry> idle = new LinkedHashMap<>();
    forEach(
        ArtifactFolder.CONTENT,
        (file, entry) -> {
          if (!entry.modified().isAfter(limit) && !named.contains(entry.name())) {
            idle.put(file, entry);
          }
        });
    Map<Location, byte[]> inMind = new LinkedHashMap<>();
    long bytes = 0;
    for (Map.Entry<Location, Disk.Entry> one : idle.entrySet()) {
      Optional<byte[]> content = disk.read(one.getKey());
      if (content.isPresent()) {
        inMind.put(one.getKey(), content.get());
        bytes += content.get().length;
        remove.remove("contents", one.getKey(), one.getValue());
      }
      if (bytes > BYTES_IN_MIND) {
        putBackNamed(inMind);
        bytes = 0;
      }
    }
    putBackNamed(inMind);
  }

  /**
   * Whoever named one of them before this look finds it put back; whoever names one after it sees
   * that it is gone ({@link ArtifactFolder#publish} looks once more when its pointer is there).
   */
  private void putBackNamed(Map<Location, byte[]> removed) throws IOException {
    if (removed.isEmpty()) {
      return;
    }
    Set<String> named = named();
    for (Map.Entry<Location, byte[]> content : removed.entrySet()) {
      if (named.contains(content.getKey().name())) {
        boolean unused = disk.publish(content.getKey(), content.getValue());
      }
    }
    removed.clear();
  }

  private Set<String> named() throws IOException {
    Set<String> named = new HashSet<>();
    forEach(
        ArtifactFolder.POINTERS,
        (file, entry) -> disk.read(file).flatMap(ArtifactFolder::hash).ifPresent(named::add));
    return named;
  }

  @FunctionalInterface
  private interface Removal {
    void remove(String kind, Location file, Disk.Entry entry) throws IOException;
  }

  @FunctionalInterface
  private interface Visit {
    void visit(Location file, Disk.Entry entry) throws IOException;
  }

  private void forEach(String folder, Visit visit) throws IOException {
    walk(folder, entry -> !entry.name().startsWith("."), visit);
  }

  private void forEachUnfinished(String folder, Visit visit) throws IOException {
    walk(folder, entry -> entry.name().startsWith(Disk.UNFINISHED), visit);
  }

  private void walk(String folder, Predicate<Disk.Entry> wanted, Visit visit) throws IOException {
    Location top = root.resolve(folder);
    for (Disk.Entry shelf : disk.list(top)) {
      if (shelf.isFolder()) {
        for (Disk.Entry entry : disk.list(top.resolve(shelf.name()))) {
          if (!entry.isFolder() && wanted.test(entry)) {
            visit.visit(top.resolve(shelf.name() + "/" + entry.name()), entry);
          }
        }
      }
    }
  }
}
