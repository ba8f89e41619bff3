package io.prunegrid.job.spark;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Lets one at a time measure on a machine: among the slots of a process by a lock, among processes,
 * other runs' and other people's too, by a locked file in the folder for temporary files. A turn
 * ends with its process, whatever ends that.
 */
final class HostTurn {
  private static final String FILE = "prunegrid-latency.lock";
  private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock(true);

  private HostTurn() {}

  /**
   * Waits until nobody else measures on this machine, then works.
   *
   * @throws InterruptedException where the thread is interrupted while it waits
   * @throws IOException where the file cannot be locked
   */
  static <T> T alone(Supplier<T> work) throws IOException, InterruptedException {
    return alone(Path.of(System.getProperty("java.io.tmpdir"), FILE), work);
  }

  static <T> T alone(Path file, Supplier<T> work) throws IOException, InterruptedException {
    IN_THIS_PROCESS.lockInterruptibly();
    try (FileChannel channel = open(file)) {
      channel.lock();
      return work.get();
    } catch (FileLockInterruptionException e) {
      Thread.interrupted();
      throw (InterruptedException)
          new InterruptedException("interrupted while another one measured").initCause(e);
    } finally {
      IN_THIS_PROCESS.unlock();
    }
  }

  /** Everybody may write to the file, so that everybody can wait for it. */
  private static FileChannel open(Path file) throws IOException {
    try {
      Files.createFile(file);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    } catch (FileAlreadyExistsException e) {
      // Somebody measured here before.
    }
    return FileChannel.open(file, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
  }
}
