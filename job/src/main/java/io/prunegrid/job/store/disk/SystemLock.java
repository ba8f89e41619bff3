package io.prunegrid.job.store.disk;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write to a folder: the operating system's lock on a file named {@code lock} in it,
 * whose text says who holds it. The system drops the lock when its process ends however it ends, so
 * that there is no stale lock to clean up, and the file itself always stays: to delete it would let
 * two processes lock two files of one name.
 */
final class SystemLock implements FolderLock {
  /** Closing any channel of a locked file drops the process's lock, so none is opened twice. */
  private static final Map<Path, String> HELD_HERE = new ConcurrentHashMap<>();

  private final Path folder;
  private final FileChannel channel;
  private final FileLock lock;

  private SystemLock(Path folder, FileChannel channel, FileLock lock) {
    this.folder = folder;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Locks an existing folder.
   *
   * @throws BadInput where somebody else writes there; it says who
   */
  static SystemLock acquire(String what, Path folder) throws IOException {
    Path real = folder.toRealPath();
    String me = Holder.me().text() + "\n";
    String here = HELD_HERE.putIfAbsent(real, me);
    if (here != null) {
      throw held(what, folder, here);
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
        throw held(what, folder, text(channel));
      }
      channel.truncate(0);
      Durable.writeFully(channel, ByteBuffer.wrap(me.getBytes(StandardCharsets.UTF_8)));
      channel.force(false);
      return new SystemLock(real, channel, lock);
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

  @Override
  public void check() {
    // The system takes the lock from nobody who lives.
  }

  @Override
  public boolean isCheckedAtEveryForce() {
    return false;
  }

  private static BadInput held(String what, Path folder, String holder) {
    return Holder.busy(what, folder.toString(), holder);
  }

  private static String text(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(1024);
    channel.read(bytes, 0);
    return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
  }
}
