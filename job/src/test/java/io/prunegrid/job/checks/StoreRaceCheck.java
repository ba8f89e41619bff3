package io.prunegrid.job.checks;

import io.prunegrid.job.store.ArtifactStore;
import io.prunegrid.job.store.ChildJvm;
import io.prunegrid.job.store.RacingChild;
import io.prunegrid.job.store.StoreCare;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.FaultyDisk.Fault;
import io.prunegrid.job.store.disk.Location;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Processes that publish overlapping keys at the same time on a file system that refuses renames,
 * throws, loses answers and runs full: exactly the distinct keys are there afterwards, each whole,
 * and all processes were told the same. On local files and on a real HDFS.
 */
public final class StoreRaceCheck {
  private StoreRaceCheck() {}

  /**
   * How much of it.
   *
   * @param processes at the same time
   * @param publications of each
   * @param keys different ones
   */
  public record Settings(int processes, int publications, int keys) {
    /** 8 processes and 50 publications each. */
    public static final Settings LONG = new Settings(8, 50, 120);

    /** Small enough for the build. */
    public static final Settings SHORT = new Settings(3, 20, 25);
  }

  /** Runs the long form. */
  public static void main(String[] arguments) {
    Report.main("store-race", report -> check(Settings.LONG, report));
  }

  static void check(Settings settings, Report report) throws Exception {
    Path folder = Files.createTempDirectory("prunegrid-store-race");
    race("local files", Location.of(folder.resolve("store")), folder, settings, report);
    try (MiniHdfs hdfs = MiniHdfs.start(folder)) {
      race("HDFS", Location.of(hdfs.uri() + "/store"), folder, settings, report);
    }
    Folders.delete(folder);
  }

  private static void race(
      String name, Location store, Path folder, Settings settings, Report report) throws Exception {
    long from = System.nanoTime();
    List<Process> children = new ArrayList<>();
    List<Path> outputs = new ArrayList<>();
    for (int c = 0; c < settings.processes(); c++) {
      outputs.add(folder.resolve(name.replace(' ', '-') + "-" + c));
      children.add(
          ChildJvm.start(
              RacingChild.class,
              outputs.get(c),
              store.text(),
              String.valueOf(c),
              String.valueOf(settings.publications()),
              String.valueOf(settings.keys())));
    }
    int ended = 0;
    for (Process child : children) {
      ended += child.waitFor() == 0 ? 1 : 0;
    }
    report.claim(ended == children.size(), "%s: %d processes end well", name, children.size());
    Map<String, Set<String>> told = new TreeMap<>();
    Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    int publications = 0;
    for (Path output : outputs) {
      for (String line : Files.readAllLines(output)) {
        String[] words = line.split(" ", 2);
        if (words[0].startsWith("key-")) {
          told.computeIfAbsent(words[0], key -> new HashSet<>()).add(words[1]);
          publications++;
        } else {
          faults.merge(Fault.valueOf(words[0]), Integer.parseInt(words[1]), Integer::sum);
        }
      }
    }
    report.figure(name + ": publications", publications);
    report.figure(name + ": different keys", told.size());
    report.figure(name + ": seconds", Math.round((System.nanoTime() - from) * 1e-9));
    for (Fault fault : Fault.values()) {
      report.figure(name + ": injected " + fault, faults.getOrDefault(fault, 0));
      report.claim(faults.getOrDefault(fault, 0) > 0, "%s: %s was injected", name, fault);
    }
    holds(name, store, told, report);
  }

  private static void holds(
      String name, Location store, Map<String, Set<String>> told, Report report) throws Exception {
    report.claim(
        told.values().stream().allMatch(hashes -> hashes.size() == 1),
        "%s: all who publish a key are told the same",
        name);
    StoreCare care = StoreCare.of(store);
    List<String> found = care.list().stream().map(StoreCare.Listed::key).toList();
    report.claim(
        found.equals(List.copyOf(told.keySet())),
        "%s: exactly the %d distinct keys are there",
        name,
        told.size());
    List<String> damages = new ArrayList<>(care.verify());
    ArtifactStore reader = ArtifactStore.openToRead(List.of(store), damages::add);
    long right =
        told.entrySet().stream()
            .filter(
                entry ->
                    reader
                        .find(entry.getKey())
                        .filter(artifact -> entry.getValue().contains(artifact.contentHash()))
                        .isPresent())
            .count();
    report.claim(
        right == told.size() && damages.isEmpty(),
        "%s: each is whole and the one that was told: %s",
        name,
        damages);
    StoreCare.Collected collected = care.collect(Duration.ZERO, key -> true);
    report.figure(name + ": removed afterwards", collected.files());
    int kept = care.list().size();
    report.claim(
        kept == told.size() && care.verify().isEmpty() && contents(store) == kept,
        "%s: collecting garbage leaves one content a key",
        name);
  }

  private static int contents(Location store) throws Exception {
    Location top = store.resolve("content");
    int files = 0;
    for (Disk.Entry shelf : Disk.of(store).list(top)) {
      files += Disk.of(store).list(top.resolve(shelf.name())).size();
    }
    return files;
  }
}
