package io.prunegrid.job.store;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A results folder read from end to end, also while a run writes to it.
 *
 * @param rows whole rows by table
 * @param problems a sentence for each file that is damaged, and for each key that has two rows
 */
public record ResultsCheck(Map<String, Long> rows, List<String> problems) {
  public ResultsCheck {
    rows = Map.copyOf(rows);
    problems = List.copyOf(problems);
  }

  /**
   * Reads every row of every table, every column, and the journal.
   *
   * @throws BadInput where there are no results, or their file system cannot be reached
   */
  public static ResultsCheck of(Location folder, List<Table> tables) {
    ResultsReader reader = ResultsReader.open(folder, tables);
    List<String> problems = new ArrayList<>();
    Map<String, Long> rows = new TreeMap<>();
    for (Table table : tables) {
      Seen seen = new Seen(table, folder, problems);
      for (Location part : reader.files(table)) {
        try {
          reader.forEachIn(part, table, row -> seen.row(row.get(seen.keyColumn())));
        } catch (BadInput e) {
          problems.addAll(e.problems());
        }
      }
      reader.forEachTail(table, row -> seen.row(row.get(seen.keyColumn())));
      rows.put(table.name(), seen.rows);
    }
    problems.addAll(journal(folder));
    return new ResultsCheck(rows, problems);
  }

  private static List<String> journal(Location folder) {
    Disk disk = Disk.of(folder);
    Location journal = folder.resolve(ResultsFolder.JOURNAL);
    List<String> problems = new ArrayList<>();
    try {
      for (Location file : Segments.segments(disk, journal).values()) {
        Optional<Segment> segment = Segment.read(disk, file);
        if (segment.isPresent() && segment.get().damagedBytes() > 0) {
          problems.add(
              file + " is damaged: " + segment.get().damagedBytes() + " bytes of it are no rows");
        }
      }
      for (Disk.Entry entry : disk.list(journal)) {
        if (entry.name().endsWith(ResultsFolder.DAMAGED)) {
          problems.add(
              journal.resolve(entry.name())
                  + " was kept because it was damaged: the rows that it had lost ran again or are"
                  + " missing; remove it when you have seen it");
        }
      }
    } catch (IOException e) {
      throw new BadInput("results folder " + folder + " cannot be read: " + e, e);
    }
    return problems;
  }

  /** Rows and keys of one table so far. */
  private static final class Seen {
    private final Table table;
    private final Location folder;
    private final List<String> problems;
    private final Set<String> keys = new HashSet<>();
    private long rows;

    Seen(Table table, Location folder, List<String> problems) {
      this.table = table;
      this.folder = folder;
      this.problems = problems;
    }

    int keyColumn() {
      return table.hasKey() ? table.schema().getField(table.key()).pos() : 0;
    }

    void row(Object key) {
      rows++;
      if (table.hasKey() && !keys.add(key.toString())) {
        problems.add("table " + table.name() + " of " + folder + " has two rows of key " + key);
      }
    }
  }
}
