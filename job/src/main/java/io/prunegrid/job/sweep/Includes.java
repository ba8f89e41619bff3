package io.prunegrid.job.sweep;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The files on the way to a place, each included by the one before it, and how much one file has
 * included in all: files that each include the next one twice double at every step.
 */
final class Includes {
  private static final int MOST_FILES = 256;
  private static final long MOST_BYTES = 16L << 20;

  private final List<Path> way;
  private final Total total;

  /** Of a file and all that it includes. */
  private static final class Total {
    private int files;
    private long bytes;
  }

  /** Nothing is included yet. */
  Includes(Path file) {
    this(List.of(file), new Total());
  }

  private Includes(List<Path> way, Total total) {
    this.way = List.copyOf(way);
    this.total = total;
  }

  /**
   * The way to a file that the last one includes.
   *
   * @param place how a message begins
   * @throws BadInput where the file is on the way already, or it becomes too much
   */
  Includes and(Path file, String place) {
    try {
      for (Path earlier : way) {
        if (Files.isSameFile(earlier, file)) {
          throw new BadInput(place + ": the file would include itself");
        }
      }
      total.files++;
      total.bytes += Files.size(file);
    } catch (IOException e) {
      throw new BadInput(place + " cannot be read: " + e.getMessage(), e);
    }
    if (total.files > MOST_FILES || total.bytes > MOST_BYTES) {
      throw new BadInput(
          place
              + ": too much is included; allowed: "
              + MOST_FILES
              + " files with "
              + (MOST_BYTES >> 20)
              + " MB in all, a file counted each time");
    }
    List<Path> longer = new ArrayList<>(way);
    longer.add(file);
    return new Includes(longer, total);
  }
}
