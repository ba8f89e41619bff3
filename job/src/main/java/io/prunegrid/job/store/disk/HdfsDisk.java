package io.prunegrid.job.store.disk;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LeaseRecoverable;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;

/**
 * HDFS. Creating without overwriting and renaming without overwriting are decided by the name node,
 * one after the other for all; {@code hsync} returns when every replica is on its disk; and the
 * lease of a file that a lost writer had open can be recovered, after which that writer can append
 * no more.
 */
final class HdfsDisk extends StagedDisk {
  private static final long SEAL_SECONDS = 120;
  private static final long ASK_AGAIN_SECONDS = 5;

  private final FileSystem system;
  private final FileContext context;

  /**
   * @param system one that can recover leases
   * @param context of the same file system
   */
  HdfsDisk(FileSystem system, FileContext context) {
    this.system = system;
    this.context = context;
  }

  @Override
  Appender create(Location file) throws IOException {
    FSDataOutputStream out;
    try {
      out = system.createFile(path(file)).overwrite(false).build();
    } catch (IOException e) {
      if (HadoopErrors.saysTaken(e)) {
        throw new FileAlreadyExistsException(file.text());
      }
      throw e;
    }
    return new Appender() {
      @Override
      public void append(ByteBuffer bytes) throws IOException {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        out.write(copy);
      }

      @Override
      public void force() throws IOException {
        out.hsync();
      }

      @Override
      public void close() throws IOException {
        out.close();
      }
    };
  }

  @Override
  boolean nameIfAbsent(Location unfinished, Location file) throws IOException {
    try {
      context.rename(path(unfinished), path(file), Rename.NONE);
      return true;
    } catch (org.apache.hadoop.fs.FileAlreadyExistsException e) {
      return false;
    }
  }

  @Override
  void nameInPlace(Location unfinished, Location file) throws IOException {
    context.rename(path(unfinished), path(file), Rename.OVERWRITE);
  }

  @Override
  void force(Location folder) {
    // The name node answers when its journal has the change.
  }

  @Override
  public Optional<byte[]> read(Location file) throws IOException {
    try (FSDataInputStream in = system.open(path(file))) {
      return Optional.of(in.readAllBytes());
    } catch (FileNotFoundException e) {
      if (system.exists(path(file))) {
        throw e;
      }
      return Optional.empty();
    }
  }

  @Override
  public boolean exists(Location place) throws IOException {
    return system.exists(path(place));
  }

  @Override
  public List<Entry> list(Location folder) throws IOException {
    return list(system, folder);
  }

  static List<Entry> list(FileSystem system, Location folder) throws IOException {
    FileStatus[] files;
    try {
      files = system.listStatus(path(folder));
    } catch (FileNotFoundException | ParentNotDirectoryException e) {
      return List.of();
    }
    List<Entry> entries = new ArrayList<>();
    for (FileStatus file : files) {
      if (!file.getPath().equals(system.makeQualified(path(folder)))) {
        entries.add(
            new Entry(
                file.getPath().getName(),
                file.isDirectory(),
                file.getLen(),
                Instant.ofEpochMilli(file.getModificationTime())));
      }
    }
    entries.sort(Comparator.comparing(Entry::name));
    return entries;
  }

  @Override
  public void createFolders(Location folder) throws IOException {
    if (!system.mkdirs(path(folder))) {
      throw new IOException(folder + " cannot be made");
    }
  }

  @Override
  public boolean delete(Location place) throws IOException {
    return system.delete(path(place), false);
  }

  @Override
  public void sealLog(Location log) throws IOException {
    LeaseRecoverable leases = (LeaseRecoverable) system;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SEAL_SECONDS);
    long ask = System.nanoTime();
    try {
      while (!leases.isFileClosed(path(log))) {
        if (System.nanoTime() - ask >= 0) {
          if (leases.recoverLease(path(log))) {
            return;
          }
          ask = System.nanoTime() + TimeUnit.SECONDS.toNanos(ASK_AGAIN_SECONDS);
        }
        if (System.nanoTime() - end > 0) {
          throw new IOException(
              "HDFS did not close " + log + " of a lost run in " + SEAL_SECONDS + " seconds");
        }
        Thread.sleep(50);
      }
    } catch (FileNotFoundException e) {
      // It has been removed: nothing is left to end.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while HDFS closed " + log, e);
    }
  }

  @Override
  public FolderLock lock(String what, Location folder) throws IOException {
    return LeaseLock.acquire(this, what, folder, false);
  }

  @Override
  public Optional<String> problem(String what, Location folder) {
    return Disks.problem(system, what, folder);
  }

  private static Path path(Location location) {
    return new Path(location.text());
  }
}
