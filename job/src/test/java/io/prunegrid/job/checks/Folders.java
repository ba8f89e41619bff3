package io.prunegrid.job.checks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders of the checks on this machine. */
final class Folders {
  private Folders() {}

  /** Where the shared data are, if they are here: an absolute path, for processes elsewhere. */
  static Path shared() {
    String named = System.getenv("PRUNEGRID_SHARED");
    return named == null || named.isBlank()
        ? StandaloneSpark.home().resolve("../shared").normalize()
        : Path.of(named).toAbsolutePath().normalize();
  }

  /** Removes a folder and what is in it; what vanishes meanwhile is no error. */
  static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      Files.deleteIfExists(file);
    }
  }
}
