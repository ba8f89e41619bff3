package io.prunegrid.job.store;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.avro.generic.GenericRecord;

/**
 * A results folder as it was at one moment, for whoever only reads, also while a run writes to it:
 * every row that had been acknowledged, once, and perhaps some that were about to be.
 *
 * <p>The journal's segments are read first and the Parquet files listed afterwards. A segment that
 * is cut in between then has its part in the list and is left out; one that vanished has its part
 * in the list too, because the part comes first.
 */
public final class ResultsReader {
  private final Disk disk;
  private final Location folder;
  private final Map<String, Table> tables = new TreeMap<>();
  private final NavigableMap<Integer, Segment> tail = new TreeMap<>();
  private final Map<String, NavigableMap<Integer, Location>> parts = new TreeMap<>();

  private ResultsReader(Disk disk, Location folder, List<Table> tables) throws IOException {
    this.disk = disk;
    this.folder = folder;
    for (Map.Entry<Integer, Location> entry :
        Segments.segments(disk, folder.resolve(ResultsFolder.JOURNAL)).entrySet()) {
      Optional<Segment> segment = Segment.read(disk, entry.getValue());
      // One that is gone has just been cut: its parts are listed below.
      segment.ifPresent(found -> tail.put(entry.getKey(), found));
    }
    for (Table table : tables) {
      this.tables.put(table.name(), table);
      parts.put(table.name(), Segments.parts(disk, folder.resolve(table.name())));
    }
  }

  /**
   * The folder as it is now.
   *
   * @throws BadInput where there are no results, or the folder cannot be read
   */
  public static ResultsReader open(Location folder, List<Table> tables) {
    return open(Disk.of(folder), folder, tables);
  }

  static ResultsReader open(Disk disk, Location folder, List<Table> tables) {
    try {
      if (!disk.exists(folder)) {
        throw new BadInput("no results folder at " + folder);
      }
      if (!isResultsFolder(disk, folder, tables)) {
        throw new BadInput(
            folder
                + " is not a results folder: it has none of the tables "
                + String.join(", ", tables.stream().map(Table::name).toList()));
      }
      return new ResultsReader(disk, folder, tables);
    } catch (IOException e) {
      throw new BadInput("results folder " + folder + " cannot be read: " + e, e);
    } catch (UncheckedIOException e) {
      throw new BadInput("results folder " + folder + " cannot be read: " + e.getCause(), e);
    }
  }

  /** Whether there are results: any of these tables, perhaps without a row. */
  public static boolean isResultsFolder(Location folder, List<Table> tables) {
    try {
      return isResultsFolder(Disk.of(folder), folder, tables);
    } catch (IOException e) {
      throw new BadInput("results folder " + folder + " cannot be read: " + e, e);
    }
  }

  private static boolean isResultsFolder(Disk disk, Location folder, List<Table> tables)
      throws IOException {
    return disk.list(folder).stream()
        .anyMatch(
            entry ->
                entry.isFolder()
                    && tables.stream().anyMatch(table -> table.name().equals(entry.name())));
  }

  /** The folder itself. */
  public Location location() {
    return folder;
  }

  /** The tables it was opened with, by name. */
  public Collection<Table> tables() {
    return List.copyOf(tables.values());
  }

  /** The table's Parquet files in the order in which they were cut. */
  public List<Location> files(Table table) {
    return List.copyOf(partsOf(table).values());
  }

  /** Hands over the rows that are in the journal and in no Parquet file yet. */
  public void forEachTail(Table table, Consumer<GenericRecord> each) {
    tail.forEach(
        (number, segment) -> {
          if (!partsOf(table).containsKey(number)) {
            segment.forEach(table, each);
          }
        });
  }

  /** Hands over every row, in the order of publication, with the columns that the table has now. */
  public void forEach(Table table, Consumer<GenericRecord> each) {
    files(table).forEach(file -> forEachIn(file, table, each));
    forEachTail(table, each);
  }

  /** Hands over the rows of one of the table's {@link #files}. */
  void forEachIn(Location file, Table table, Consumer<GenericRecord> each) {
    Parts.read(disk, file, table, each);
  }

  /** Every row, in the order of publication. */
  public List<GenericRecord> rows(Table table) {
    List<GenericRecord> rows = new ArrayList<>();
    forEach(table, rows::add);
    return rows;
  }

  /**
   * Writes the rows that are in no Parquet file yet to a new Parquet file, which has the table's
   * columns even where there is no row.
   */
  public void writeTail(Table table, Path file) {
    try {
      Files.write(file, Parts.bytes(table, each -> forEachTail(table, each)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private NavigableMap<Integer, Location> partsOf(Table table) {
    NavigableMap<Integer, Location> found = parts.get(table.name());
    if (found == null) {
      throw new IllegalArgumentException("not opened with table " + table.name());
    }
    return found;
  }
}
