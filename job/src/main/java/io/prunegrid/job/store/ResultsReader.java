package io.prunegrid.job.store;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
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
  private final Path folder;
  private final Map<String, Table> tables = new TreeMap<>();
  private final NavigableMap<Integer, Segment> tail = new TreeMap<>();
  private final Map<String, NavigableMap<Integer, Path>> parts = new TreeMap<>();

  private ResultsReader(Path folder, List<Table> tables) throws IOException {
    this.folder = folder;
    for (Map.Entry<Integer, Path> entry : Segments.segments(folder.resolve("journal")).entrySet()) {
      try {
        tail.put(entry.getKey(), Segment.read(entry.getValue()));
      } catch (NoSuchFileException e) {
        // It has just been cut: its parts are listed below.
      }
    }
    for (Table table : tables) {
      this.tables.put(table.name(), table);
      parts.put(table.name(), Segments.parts(folder.resolve(table.name())));
    }
  }

  /**
   * The folder as it is now.
   *
   * @throws BadInput where there are no results, or the folder cannot be read
   */
  public static ResultsReader open(Path folder, List<Table> tables) {
    if (!Files.isDirectory(folder)) {
      throw new BadInput("no results folder at " + folder);
    }
    if (tables.stream().noneMatch(table -> Files.isDirectory(folder.resolve(table.name())))) {
      throw new BadInput(
          folder
              + " is not a results folder: it has none of the tables "
              + String.join(", ", tables.stream().map(Table::name).toList()));
    }
    try {
      return new ResultsReader(folder, tables);
    } catch (IOException e) {
      throw new BadInput("results folder " + folder + " cannot be read: " + e, e);
    } catch (UncheckedIOException e) {
      throw new BadInput("results folder " + folder + " cannot be read: " + e.getCause(), e);
    }
  }

  /** The folder itself. */
  public Path path() {
    return folder;
  }

  /** The tables it was opened with, by name. */
  public Collection<Table> tables() {
    return List.copyOf(tables.values());
  }

  /** The table's Parquet files in the order in which they were cut. */
  public List<Path> files(Table table) {
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
    files(table).forEach(file -> Parts.read(file, table, each));
    forEachTail(table, each);
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
      Parts.writeFile(file, table, each -> forEachTail(table, each));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private NavigableMap<Integer, Path> partsOf(Table table) {
    NavigableMap<Integer, Path> found = parts.get(table.name());
    if (found == null) {
      throw new IllegalArgumentException("not opened with table " + table.name());
    }
    return found;
  }
}
