package io.prunegrid.job.store;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write to a folder: the operating system's lock on a file named {@code lock} in it,
 * whose text says who holds it. The system drops the lock when its process ends however it ends, so
 * that there is no stale lock to clean up, and the file itself always stays: to delete it would let
 * two processes lock two files of one name.
 */
final class FolderLock implements AutoCloseable {
  /** Closing any channel of a locked file drops the process's lock, so none is opened twice. */
  private static final Map<Path, String> HELD_HERE = new ConcurrentHashMap<>();

  private final Path folder;
  private final FileChannel channel;
  private final FileLock lock;

  private FolderLock(Path folder, FileChannel channel, FileLock lock) {
    this.folder = folder;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Locks an existing folder.
   *
   * @throws BadInput where somebody else writes there; it says who
   */
  static FolderLock acquire(Path folder) throws IOException {
    Path real = folder.toRealPath();
    String me = me();
    String here = HELD_HERE.putIfAbsent(real, me);
    if (here != null) {
      throw held(folder, here);
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              real.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw held(folder, text(channel));
      }
      channel.truncate(0);
      Durable.writeFully(channel, ByteBuffer.wrap(me.getBytes(StandardCharsets.UTF_8)));
      channel.force(false);
      return new FolderLock(real, channel, lock);
    } catch (IOException | RuntimeException e) {
      HELD_HERE.remove(real);
      if (channel != null) {
        channel.close();
      }
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      lock.release();
    } finally {
      channel.close();
      HELD_HERE.remove(folder);
    }
  }

  private static BadInput held(Path folder, String holder) {
    return new BadInput(
        "results folder "
            + folder
            + " is being written by another run ("
            + (holder.isBlank() ? "it does not say which" : holder.strip())
            + "); wait for it to end or choose another folder");
  }

  private static String text(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(1024);
    channel.read(bytes, 0);
    return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
  }

  private static String me() {
    return "process "
        + ProcessHandle.current().pid()
        + " on "
        + host()
        + ", since "
        + Instant.now().truncatedTo(ChronoUnit.SECONDS)
        + "\n";
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "a host without a name";
    }
  }
}
