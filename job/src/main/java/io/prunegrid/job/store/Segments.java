package io.prunegrid.job.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
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

  static Path segment(Path journal, int number) {
    return journal.resolve(String.format(Locale.ROOT, "%06d.journal", number));
  }

  static Path part(Path table, int number) {
    return table.resolve(String.format(Locale.ROOT, "part-%06d.parquet", number));
  }

  /** Hidden from readers: neither Spark nor a glob over {@code *.parquet} sees it. */
  static Path unfinishedPart(Path table, int number) {
    return table.resolve(String.format(Locale.ROOT, ".part-%06d.unfinished", number));
  }

  /** The journal's files by number. */
  static NavigableMap<Integer, Path> segments(Path journal) {
    return numbered(journal, SEGMENT);
  }

  /** A table's files by the number of the segment that each came from. */
  static NavigableMap<Integer, Path> parts(Path table) {
    return numbered(table, PART);
  }

  static void deleteUnfinishedParts(Path table) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(table, ".part-*.unfinished")) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static NavigableMap<Integer, Path> numbered(Path folder, Pattern name) {
    NavigableMap<Integer, Path> found = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Matcher matcher = name.matcher(file.getFileName().toString());
        if (matcher.matches()) {
          found.put(Integer.parseInt(matcher.group(1)), file);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }
}
