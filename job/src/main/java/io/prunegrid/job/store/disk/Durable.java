package io.prunegrid.job.store.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** Writing to local disks so that it survives a power cut. */
final class Durable {
  private Durable() {}

  /**
   * Why a folder could not be written to, found without making anything; empty where it could.
   *
   * @param what names the folder in the sentence
   */
  static Optional<String> problem(String what, Path folder) {
    Path existing = folder.toAbsolutePath().normalize();
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null) {
      return Optional.of(what + " " + folder + " cannot be made: it has no root");
    }
    if (!Files.isDirectory(existing)) {
      return Optional.of(what + " " + folder + " cannot be made: " + existing + " is not a folder");
    }
    if (!Files.isWritable(existing)) {
      return Optional.of(
          what + " " + folder + " cannot be written: no permission to write to " + existing);
    }
    return Optional.empty();
  }

  /** The folder and those of its parents that do not exist, the innermost first. */
  static Deque<Path> missing(Path folder) {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path path = folder.toAbsolutePath().normalize();
        path != null && !Files.exists(path);
        path = path.getParent()) {
      missing.addLast(path);
    }
    return missing;
  }

  /** Forces a file's bytes to disk. */
  static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Forces a folder's entries to disk: files made, renamed or deleted in it. */
  static void forceFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Makes a new file of these bytes and forces it; the folder's entry is not forced. */
  static void writeNew(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeFully(channel, ByteBuffer.wrap(bytes));
      channel.force(true);
    }
  }

  static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Makes a folder and its missing parents, each one's entry forced. */
  static void createFolders(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      createFolders(parent);
    }
    try {
      Files.createDirectory(folder);
    } catch (java.nio.file.FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
      return;
    }
    if (parent != null) {
      forceFolder(parent);
    }
  }
}
