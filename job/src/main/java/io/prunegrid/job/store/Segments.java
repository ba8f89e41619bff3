package io.prunegrid.job.store;

import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names with numbers: the journal's segments and the tables' parts that they become. */
final class Segments {
  private static final Pattern SEGMENT = Pattern.compile("(\\d{6,9})\\.journal");
  private static final Pattern PART = Pattern.compile("part-(\\d{6,9})\\.parquet");

  private Segments() {}

  static Location segment(Location journal, int number) {
    return journal.resolve(String.format(Locale.ROOT, "%06d.journal", number));
  }

  static Location part(Location table, int number) {
    return table.resolve(String.format(Locale.ROOT, "part-%06d.parquet", number));
  }

  /** The journal's files by number. */
  static NavigableMap<Integer, Location> segments(Disk disk, Location journal) throws IOException {
    return numbered(disk.logs(journal), journal, SEGMENT);
  }

  /** A table's files by the number of the segment that each came from. */
  static NavigableMap<Integer, Location> parts(Disk disk, Location table) throws IOException {
    return numbered(disk.list(table).stream().map(Disk.Entry::name).toList(), table, PART);
  }

  /** What writers of a table that are dead left under hidden names. */
  static List<Location> unfinished(Disk disk, Location table) throws IOException {
    return disk.list(table).stream()
        .filter(entry -> entry.name().startsWith(Disk.UNFINISHED))
        .map(entry -> table.resolve(entry.name()))
        .toList();
  }

  private static NavigableMap<Integer, Location> numbered(
      Collection<String> names, Location folder, Pattern pattern) {
    NavigableMap<Integer, Location> found = new TreeMap<>();
    for (String name : names) {
      Matcher matcher = pattern.matcher(name);
      if (matcher.matches()) {
        found.put(Integer.parseInt(matcher.group(1)), folder.resolve(name));
      }
    }
    return found;
  }
}
