package io.prunegrid.job.store;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.FolderLock;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;

/** Cuts the journal's segments into the tables' parts, now and after a crash. */
final class SegmentCutter {
  private final Disk disk;
  private final Location folder;
  private final Collection<Table> tables;
  private final Step.Watcher watcher;

  /**
   * @param folder of the results
   * @param tables all of its tables
   */
  SegmentCutter(Disk disk, Location folder, Collection<Table> tables, Step.Watcher watcher) {
    this.disk = disk;
    this.folder = folder;
    this.tables = tables;
    this.watcher = watcher;
  }

  /**
   * What is there once a killed run's work is finished.
   *
   * @param last the highest number that a segment or part has had
   * @param keys of each table, by the table's name
   */
  record Found(int last, Map<String, Set<String>> keys, ResultsFolder.Recovery recovery) {}

  /** Makes the folders that are missing and finishes what a killed run left. */
  Found recover(FolderLock lock) throws IOException {
    for (Table table : tables) {
      disk.createFolders(tableFolder(table));
    }
    disk.createFolders(journalFolder());
    Optional<Found> found = tryToRecover(lock);
    while (found.isEmpty()) {
      found = tryToRecover(lock);
    }
    return found.get();
  }

  /**
   * Finishes what a killed run left, and learns the keys that are there. The lock is looked after
   * once everything is listed: what is in the lists is then no successor's. And segments are listed
   * before parts, so that of a driver that was taken for dead, and cuts on, nothing is overlooked.
   *
   * @return empty where such a driver finished a segment of the list itself: look again
   */
  private Optional<Found> tryToRecover(FolderLock lock) throws IOException {
    NavigableMap<Integer, Location> segments = Segments.segments(disk, journalFolder());
    List<Location> unfinished = new ArrayList<>();
    for (Table table : tables) {
      unfinished.addAll(Segments.unfinished(disk, tableFolder(table)));
    }
    lock.check();
    for (Location file : unfinished) {
      disk.delete(file);
    }
    int last = segments.isEmpty() ? 0 : segments.lastKey();
    Map<String, Set<String>> keys = new HashMap<>();
    for (Table table : tables) {
      NavigableMap<Integer, Location> parts = Segments.parts(disk, tableFolder(table));
      last = Math.max(last, parts.isEmpty() ? 0 : parts.lastKey());
      Set<String> known = new HashSet<>();
      if (table.hasKey()) {
        parts.values().forEach(part -> Parts.readKeys(disk, part, table, known::add));
      }
      keys.put(table.name(), known);
    }
    long rows = 0;
    long torn = 0;
    List<Location> damaged = new ArrayList<>();
    for (Map.Entry<Integer, Location> entry : segments.entrySet()) {
      Location file = entry.getValue();
      disk.sealLog(file);
      Optional<byte[]> bytes = disk.readLog(file);
      if (bytes.isEmpty()) {
        return Optional.empty();
      }
      Segment segment = Segment.parse(file, ByteBuffer.wrap(bytes.get()));
      torn += segment.tornBytes();
      rows += cut(entry.getKey(), segment, keys);
      if (segment.damagedBytes() > 0) {
        Location kept = journalFolder().resolve(file.name() + ResultsFolder.DAMAGED);
        disk.replace(kept, bytes.get());
        damaged.add(kept);
      }
      retire(entry.getKey());
    }
    return Optional.of(
        new Found(last, keys, new ResultsFolder.Recovery(rows, torn, List.copyOf(damaged))));
  }

  /** Makes the parts of a closed segment, whose keys are known to be new, and removes it. */
  void cut(int number) throws IOException {
    Location file = Segments.segment(journalFolder(), number);
    Segment segment =
        Segment.read(disk, file)
            .orElseThrow(() -> new IOException(file + " was removed by somebody else"));
    long unused = cut(number, segment, Map.of());
    retire(number);
  }

  /**
   * Makes the parts of a segment that are not there yet.
   *
   * @param keys of tables where a row may have one that is there; learns those of the segment
   * @return the rows in the new parts
   */
  private long cut(int number, Segment segment, Map<String, Set<String>> keys) throws IOException {
    for (String name : segment.tables()) {
      if (tables.stream().noneMatch(table -> table.name().equals(name))) {
        throw new BadInput(
            "the journal of results folder "
                + folder
                + " holds rows of table "
                + name
                + ", which this version of the program does not know");
      }
    }
    long rows = 0;
    for (Table table : tables) {
      Set<String> known = table.hasKey() ? keys.get(table.name()) : null;
      if (disk.exists(Segments.part(tableFolder(table), number))) {
        if (known != null) {
          segment.forEach(table, row -> known.add(row.get(table.key()).toString()));
        }
        continue;
      }
      Parts.Source source =
          each ->
              segment.forEach(
                  table,
                  row -> {
                    if (known == null || known.add(row.get(table.key()).toString())) {
                      each.accept(row);
                    }
                  });
      rows += Parts.publish(disk, tableFolder(table), number, table, source, watcher);
    }
    return rows;
  }

  private void retire(int number) throws IOException {
    watcher.reached(Step.PARTS_COMPLETE);
    disk.deleteLog(Segments.segment(journalFolder(), number));
    watcher.reached(Step.SEGMENT_RETIRED);
  }

  private Location tableFolder(Table table) {
    return folder.resolve(table.name());
  }

  private Location journalFolder() {
    return folder.resolve(ResultsFolder.JOURNAL);
  }
}
