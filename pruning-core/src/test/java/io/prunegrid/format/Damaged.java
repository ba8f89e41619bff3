package io.prunegrid.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where mutated files lie while they are read. */
final class Damaged {
  private Damaged() {}

  static Path write(Path folder, byte[] content) {
    try {
      return Files.write(folder.resolve("file"), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
