package io.prunegrid.job.store.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Local disks. A finished file gets its name as a hard link, which fails where the name exists, on
 * every local file system and on NFS; files and folders are forced; the lock is the operating
 * system's, which ends with its process, so that logs of a dead writer need no closing.
 */
final class LocalDisk extends StagedDisk {
  static final LocalDisk INSTANCE = new LocalDisk();

  private LocalDisk() {}

  @Override
  Appender create(Location file) throws IOException {
    FileChannel channel =
        FileChannel.open(file.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return new Appender() {
      @Override
      public void append(ByteBuffer bytes) throws IOException {
        Durable.writeFully(channel, bytes);
      }

      @Override
      public void force() throws IOException {
        channel.force(true);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  @Override
  boolean nameIfAbsent(Location unfinished, Location file) throws IOException {
    try {
      Files.createLink(file.path(), unfinished.path());
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException e) {
      throw new IOException(
          file + " is on a file system without hard links, which local disks need here", e);
    }
    Files.deleteIfExists(unfinished.path());
    return true;
  }

  @Override
  void nameInPlace(Location unfinished, Location file) throws IOException {
    Files.move(unfinished.path(), file.path(), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  void force(Location folder) throws IOException {
    Durable.forceFolder(folder.path());
  }

  @Override
  public Optional<byte[]> read(Location file) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(file.path()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean exists(Location place) {
    return Files.exists(place.path());
  }

  @Override
  public List<Entry> list(Location folder) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.path())) {
      for (Path file : files) {
        try {
          BasicFileAttributes has = Files.readAttributes(file, BasicFileAttributes.class);
          entries.add(
              new Entry(
                  file.getFileName().toString(),
                  has.isDirectory(),
                  has.size(),
                  has.lastModifiedTime().toInstant()));
        } catch (NoSuchFileException e) {
          // Gone since it was listed.
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
    entries.sort(Comparator.comparing(Entry::name));
    return entries;
  }

  @Override
  public void createFolders(Location folder) throws IOException {
    Durable.createFolders(folder.path());
  }

  @Override
  public boolean delete(Location place) throws IOException {
    boolean deleted = Files.deleteIfExists(place.path());
    if (deleted) {
      Durable.forceFolder(place.absolute().path().getParent());
    }
    return deleted;
  }

  @Override
  public void sealLog(Location log) {
    // Its writer is dead, or it would have the system's lock.
  }

  @Override
  public FolderLock lock(String what, Location folder) throws IOException {
    return SystemLock.acquire(what, folder.path());
  }

  @Override
  public Optional<String> problem(String what, Location folder) {
    return Durable.problem(what, folder.path());
  }
}
