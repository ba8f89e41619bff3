package io.prunegrid.job.store;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Lease;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What cells share (bases, scores), kept by what it was made from: input key, pointer, content
 * hash, bytes. The first writer of a key wins, and whoever computed the same a second time uses the
 * first one's result. Runs and people may share a store: nothing in it ever changes, equal contents
 * are kept once, and everything is verified by its hash when read. What is damaged or lost is
 * reported and counts as absent; publishing it again mends the store.
 *
 * <p>Further stores may stand behind one's own: they are looked into and never written.
 */
public final class ArtifactStore {
  private static final Logger LOG = LoggerFactory.getLogger(ArtifactStore.class);
  private static final String WHAT = "artifact store";
  private static final long SHORTEST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 1000;

  private final ArtifactFolder own;
  private final List<ArtifactFolder> all;

  private ArtifactStore(List<ArtifactFolder> all) {
    this.own = all.get(0);
    this.all = List.copyOf(all);
  }

  /**
   * Opens stores: one's own, which is made where it is missing, and those behind it.
   *
   * @param stores at least one, one's own first
   * @param warnings told, in one sentence each, of artifacts that are damaged
   * @throws BadInput where one's own cannot be written or one behind it does not exist
   */
  public static ArtifactStore open(List<Location> stores, Consumer<String> warnings) {
    refuse(problems(stores));
    List<ArtifactFolder> folders = new ArrayList<>();
    for (Location store : stores) {
      folders.add(new ArtifactFolder(Disk.of(store), store, warnings));
    }
    try {
      folders.get(0).disk().createFolders(stores.get(0));
    } catch (IOException e) {
      throw new BadInput(WHAT + " " + stores.get(0) + " cannot be made: " + e, e);
    }
    return new ArtifactStore(folders);
  }

  /**
   * Stores to look into, which need not exist: nothing is made, and nothing may be published.
   *
   * @param stores at least one
   */
  public static ArtifactStore openToRead(List<Location> stores, Consumer<String> warnings) {
    return new ArtifactStore(
        stores.stream().map(store -> new ArtifactFolder(Disk.of(store), store, warnings)).toList());
  }

  /** A single store on a file system of the caller's. */
  static ArtifactStore open(Disk disk, Location root, Consumer<String> warnings) {
    return new ArtifactStore(List.of(new ArtifactFolder(disk, root, warnings)));
  }

  /**
   * Why these stores could not be opened, found without making anything; empty where they could.
   *
   * @param stores one's own first
   */
  public static List<String> problems(List<Location> stores) {
    List<String> problems = new ArrayList<>();
    Disk.of(stores.get(0)).problem(WHAT, stores.get(0)).ifPresent(problems::add);
    for (Location store : stores.subList(1, stores.size())) {
      try {
        if (!Disk.of(store).exists(store)) {
          problems.add(
              WHAT + " " + store + ", which is only read, does not exist; remove it from stores");
        }
      } catch (IOException | BadInput e) {
        problems.add(WHAT + " " + store + " cannot be read: " + e.getMessage());
      }
    }
    return problems;
  }

  private static void refuse(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }

  /**
   * Makes sure that one's own store can be made, and leaves nothing behind.
   *
   * @throws BadInput where it cannot
   */
  public static void tryToMake(Location store) {
    Disk disk = Disk.of(store);
    refuse(disk.problem(WHAT, store).stream().toList());
    List<Location> made = new ArrayList<>();
    try {
      for (Optional<Location> at = Optional.of(store.absolute());
          at.isPresent() && !disk.exists(at.get());
          at = at.get().parent()) {
        made.add(at.get());
      }
      try {
        disk.createFolders(store);
      } finally {
        for (Location folder : made) {
          disk.delete(folder);
        }
      }
    } catch (IOException e) {
      throw new BadInput(WHAT + " " + store + " cannot be made: " + e, e);
    }
  }

  /**
   * The artifact of a key, verified; empty where there is none or it is damaged.
   *
   * @throws UncheckedIOException where a store cannot be read
   */
  public Optional<Artifact> find(String key) {
    try {
      for (ArtifactFolder folder : all) {
        Optional<Artifact> found = folder.find(key);
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("artifact " + key + " cannot be read", e);
    }
  }

  /** Whether a key has an artifact that is whole; reads it. */
  public boolean contains(String key) {
    return find(key).isPresent();
  }

  /**
   * Publishes what was computed for a key, durably, in one's own store.
   *
   * @return the content hash that the key has now: the first writer's, which need not be this one's
   * @throws UncheckedIOException where the store cannot be written; publishing again is safe
   */
  public String publish(String key, byte[] bytes) {
    try {
      return own.publish(key, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("artifact " + key + " cannot be written", e);
    }
  }

  /**
   * An artifact that was found or is computed, by one process at a time as far as that can be
   * known: others that want it wait until it is there, or until whoever computes it gives no sign
   * of life for the length of a lease. Should two compute it after all, the first publication
   * counts.
   *
   * @param artifact what the key has now
   * @param isFound whether it was there, or somebody else computed it meanwhile
   */
  public record Obtained(Artifact artifact, boolean isFound) {}

  /**
   * The artifact of a key, computed where nobody has it.
   *
   * @throws UncheckedIOException where a store cannot be read or written
   */
  public Obtained obtain(String key, Supplier<byte[]> compute) {
    Lease.Onlooker onlooker = own.onlooker(key);
    long pause = SHORTEST_PAUSE_MILLIS;
    try {
      while (true) {
        Optional<Artifact> found = find(key);
        if (found.isPresent()) {
          return new Obtained(found.get(), true);
        }
        Optional<Lease> lease = onlooker.tryToTake();
        if (lease.isPresent()) {
          return compute(key, compute, lease.get());
        }
        Thread.sleep(pause);
        pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("artifact " + key + " cannot be leased", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for artifact " + key, e);
    }
  }

  /**
   * Lets work make several artifacts at once, where they are missing and nobody has their lease.
   * Nothing is waited for, so that two who want the same ones in another order cannot wait for each
   * other. Others who want one of them wait as they do for {@link #obtain}.
   *
   * @param work told which keys are left to it, in their order, if any; it publishes what it makes
   * @throws UncheckedIOException where a store cannot be read, or a lease not be taken
   */
  public void whileMissing(List<String> keys, Consumer<List<String>> work) {
    Map<String, Lease> leases = new LinkedHashMap<>();
    try {
      for (String key : keys) {
        if (find(key).isEmpty()) {
          own.onlooker(key).tryToTake().ifPresent(lease -> leases.put(key, lease));
        }
      }
      if (!leases.isEmpty()) {
        ArtifactStep.LEASE_TAKEN.reached();
      }
      // somebody may have published before the lease was there to be taken
      List<String> missing = leases.keySet().stream().filter(key -> find(key).isEmpty()).toList();
      if (!missing.isEmpty()) {
        work.accept(missing);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("artifacts " + keys + " cannot be leased", e);
    } finally {
      leases.forEach(ArtifactStore::giveBack);
    }
  }

  /** One that cannot be given back ends by itself. */
  private static void giveBack(String key, Lease lease) {
    try {
      lease.remove();
    } catch (IOException e) {
      LOG.warn("the lease of artifact {} could not be given back: {}", key, e.toString());
    }
  }

  private Obtained compute(String key, Supplier<byte[]> compute, Lease lease) throws IOException {
    ArtifactStep.LEASE_TAKEN.reached();
    try {
      Optional<Artifact> meanwhile = find(key);
      if (meanwhile.isPresent()) {
        return new Obtained(meanwhile.get(), true);
      }
      String hash = publish(key, compute.get());
      Artifact published =
          own.find(key)
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "artifact " + key + " (" + hash + ") was lost in " + own.root()));
      return new Obtained(published, false);
    } finally {
      lease.remove();
    }
  }
}
