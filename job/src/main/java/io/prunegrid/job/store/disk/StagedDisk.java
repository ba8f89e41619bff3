package io.prunegrid.job.store.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A file system that can give a finished file its name in one step, and not where the name is
 * taken: values are written and forced under a hidden name first.
 */
abstract class StagedDisk implements Disk {
  @Override
  public final boolean publish(Location file, byte[] value, Consumer<Stage> stages)
      throws IOException {
    Location folder = folder(file);
    if (exists(file)) {
      force(folder);
      return false;
    }
    Location unfinished = write(file, value, stages);
    boolean named;
    try {
      named = nameIfAbsent(unfinished, file);
    } catch (IOException | RuntimeException e) {
      deleteInVain(unfinished, e);
      throw e;
    }
    if (!named) {
      delete(unfinished);
      if (!exists(file)) {
        throw new IOException(file + " was refused its name, although nothing has it");
      }
    }
    force(folder);
    stages.accept(Stage.NAMED);
    return named;
  }

  @Override
  public final void replace(Location file, byte[] value) throws IOException {
    Location unfinished = write(file, value, stage -> {});
    try {
      nameInPlace(unfinished, file);
    } catch (IOException | RuntimeException e) {
      deleteInVain(unfinished, e);
      throw e;
    }
    force(folder(file));
  }

  private Location write(Location file, byte[] value, Consumer<Stage> stages) throws IOException {
    Location folder = folder(file);
    createFolders(folder);
    Location unfinished = folder.resolve(UNFINISHED + UUID.randomUUID());
    try {
      try (Appender out = create(unfinished)) {
        out.append(ByteBuffer.wrap(value));
        stages.accept(Stage.WRITTEN);
        out.force();
      }
      stages.accept(Stage.FORCED);
    } catch (IOException | RuntimeException e) {
      deleteInVain(unfinished, e);
      throw e;
    }
    return unfinished;
  }

  /** Tidies up after an error, which is the one to report whatever comes of this. */
  private void deleteInVain(Location unfinished, Exception error) {
    try {
      delete(unfinished);
    } catch (IOException | RuntimeException e) {
      error.addSuppressed(e);
    }
  }

  @Override
  public final Appender beginLog(Location log) throws IOException {
    createFolders(folder(log));
    Appender appender = create(log);
    try {
      force(folder(log));
    } catch (IOException | RuntimeException e) {
      appender.close();
      throw e;
    }
    return appender;
  }

  @Override
  public final List<String> logs(Location folder) throws IOException {
    return list(folder).stream()
        .filter(entry -> !entry.isFolder() && !entry.name().startsWith("."))
        .map(Entry::name)
        .toList();
  }

  @Override
  public final Optional<byte[]> readLog(Location log) throws IOException {
    return read(log);
  }

  @Override
  public final void deleteLog(Location log) throws IOException {
    delete(log);
  }

  /**
   * Makes a new file, in a folder that exists.
   *
   * @throws FileAlreadyExistsException where the name is taken
   */
  abstract Appender create(Location file) throws IOException;

  /**
   * Gives a file its final name in one step.
   *
   * @return false where the name is taken; the file keeps its hidden name then
   */
  abstract boolean nameIfAbsent(Location unfinished, Location file) throws IOException;

  /** Gives a file its final name in one step, whether or not the name is taken. */
  abstract void nameInPlace(Location unfinished, Location file) throws IOException;

  /** Makes what was made, named or removed in a folder survive a power cut. */
  abstract void force(Location folder) throws IOException;

  private static Location folder(Location file) {
    return file.parent().orElseThrow(() -> new IllegalArgumentException(file + " has no folder"));
  }
}
