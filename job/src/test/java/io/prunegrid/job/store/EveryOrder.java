package io.prunegrid.job.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.Sha256;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.job.store.disk.MemoryDisk;
import io.prunegrid.job.store.disk.TwoWriters;
import io.prunegrid.job.store.disk.TwoWriters.Case;
import io.prunegrid.job.store.disk.TwoWriters.End;
import io.prunegrid.job.store.disk.TwoWriters.Fault;
import io.prunegrid.job.store.disk.TwoWriters.Work;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What two writers do at the same time, to be run in every order with every fault. */
public final class EveryOrder {
  private static final Location ROOT = new Location("/store");
  private static final Location NAME = ROOT.resolve("name");
  private static final String KEY = "key";
  private static final byte[][] VALUES = {bytes("value of the first"), bytes("of the second")};

  private EveryOrder() {}

  /** Two publish different values under one name. */
  public static Case publishTwice() {
    Boolean[] told = new Boolean[2];
    MemoryDisk.Files files = new MemoryDisk.Files();
    return new Pair(files) {
      @Override
      public Work work(int writer) {
        return disk -> told[writer] = disk.publish(NAME, VALUES[writer]);
      }

      @Override
      public void judge(End[] ends, Fault fault) throws IOException {
        Optional<byte[]> found = quiet().read(NAME);
        for (int w = 0; w < 2; w++) {
          if (told[w] != null && ends[w] == End.DONE) {
            assertThat(found).as("published, as writer %s was told", w).isPresent();
            if (told[w]) {
              assertThat(found).hasValue(VALUES[w]);
              assertThat(told[1 - w]).isNotEqualTo(true);
            }
          }
        }
        if (ends[0] == End.DONE && ends[1] == End.DONE) {
          assertThat(List.of(told)).containsExactlyInAnyOrder(true, false);
        }
        found.ifPresent(value -> assertThat(value).isIn((Object[]) VALUES));
        if (fault == Fault.NONE) {
          assertThat(quiet().list(ROOT)).hasSize(1);
        }
      }
    };
  }

  /** Two publish different contents for one key of an artifact store. */
  public static Case publishArtifactTwice() {
    String[] told = new String[2];
    MemoryDisk.Files files = new MemoryDisk.Files();
    return new Pair(files) {
      @Override
      public Work work(int writer) {
        return disk -> told[writer] = store(disk).publish(KEY, VALUES[writer]);
      }

      @Override
      public void judge(End[] ends, Fault fault) {
        List<String> warnings = new ArrayList<>();
        Optional<Artifact> found = ArtifactStore.open(quiet(), ROOT, warnings::add).find(KEY);
        assertThat(warnings).isEmpty();
        for (int w = 0; w < 2; w++) {
          if (told[w] != null) {
            assertThat(found.map(Artifact::contentHash)).as("as %s was told", w).hasValue(told[w]);
          }
        }
        publishedAgain(quiet(), found.map(Artifact::contentHash));
      }
    };
  }

  /**
   * One publishes an artifact whose content lies there unnamed while the other collects garbage.
   */
  public static Case publishWhileCollecting() {
    String hash = Sha256.of(VALUES[0]);
    String[] told = new String[2];
    MemoryDisk.Files files = new MemoryDisk.Files();
    files.put(ROOT.resolve("content/" + hash.substring(0, 2) + "/" + hash), VALUES[0]);
    files.put(ROOT.resolve("pointers/00/other"), bytes(Sha256.of("other") + "\n"));
    return new Pair(files) {
      @Override
      public Work work(int writer) {
        return writer == 0
            ? disk -> told[0] = store(disk).publish(KEY, VALUES[0])
            : disk -> new StoreCare(disk, ROOT).collect(Duration.ofDays(1), key -> true);
      }

      @Override
      public void judge(End[] ends, Fault fault) {
        List<String> warnings = new ArrayList<>();
        Optional<Artifact> found = ArtifactStore.open(quiet(), ROOT, warnings::add).find(KEY);
        if (told[0] != null && ends[1] == End.DONE) {
          assertThat(found.map(Artifact::contentHash)).hasValue(told[0]);
        }
        publishedAgain(quiet(), found.map(Artifact::contentHash));
      }
    };
  }

  /** After whatever happened, publishing works and what was there stays. */
  private static void publishedAgain(MemoryDisk disk, Optional<String> before) {
    String now = store(disk).publish(KEY, bytes("third"));
    before.ifPresent(hash -> assertThat(now).isEqualTo(hash));
    assertThat(store(disk).find(KEY).map(Artifact::contentHash)).hasValue(now);
  }

  private static ArtifactStore store(MemoryDisk disk) {
    return ArtifactStore.open(disk, ROOT, warning -> {});
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private abstract static class Pair implements Case {
    private final MemoryDisk.Files files;

    Pair(MemoryDisk.Files files) {
      this.files = files;
    }

    @Override
    public MemoryDisk.Files files() {
      return files;
    }

    /** A view on which nothing goes wrong. */
    MemoryDisk quiet() {
      return new MemoryDisk(files, (step, isSeen) -> false, MemoryDisk.Fencing.SEALED_LOGS);
    }
  }

  /** Runs a case as {@link TwoWriters#explore} says; returns the number of runs. */
  public static long explore(TwoWriters.Cases cases, TwoWriters.Switches most) throws Exception {
    try (TwoWriters writers = new TwoWriters()) {
      return writers.explore(cases, most);
    }
  }
}
