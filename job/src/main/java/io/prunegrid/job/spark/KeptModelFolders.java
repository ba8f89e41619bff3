package io.prunegrid.job.spark;

import io.prunegrid.format.ModelFolder;
import io.prunegrid.format.SavedModel;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Model folders under the results, on any file system. Where that is no local disk a folder is
 * written whole on one and its files are published after each other; the row that names the folder
 * is published after them, so who goes by rows finds whole folders only.
 */
final class KeptModelFolders {
  private KeptModelFolders() {}

  static void write(Location folder, SavedModel model) {
    if (folder.isLocal()) {
      ModelFolder.write(folder.path(), model);
      return;
    }
    try {
      Path temporary = Files.createTempDirectory("prunegrid-model");
      Path whole = temporary.resolve("model");
      try {
        ModelFolder.write(whole, model);
        for (Path file : files(whole)) {
          Disk.of(folder)
              .replace(folder.resolve(file.getFileName().toString()), Files.readAllBytes(file));
        }
      } finally {
        if (Files.isDirectory(whole)) {
          for (Path file : files(whole)) {
            Files.delete(file);
          }
          Files.delete(whole);
        }
        Files.delete(temporary);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("model folder " + folder + " cannot be written", e);
    }
  }

  /** Removes what killed writers left; only where nobody writes at the moment. */
  static void removeUnfinished(Location models) {
    if (models.isLocal()) {
      ModelFolder.removeUnfinished(models.path());
      return;
    }
    Disk disk = Disk.of(models);
    try {
      for (Disk.Entry model : disk.list(models)) {
        Location folder = models.resolve(model.name());
        for (Disk.Entry file : disk.list(folder)) {
          if (file.name().startsWith(Disk.UNFINISHED)) {
            disk.delete(folder.resolve(file.name()));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("models in " + models + " cannot be tidied up", e);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
