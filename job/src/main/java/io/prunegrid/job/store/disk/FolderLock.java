package io.prunegrid.job.store.disk;

import java.io.IOException;

/** The right to write to a folder, which one process has at a time. */
public interface FolderLock extends AutoCloseable {
  /**
   * Makes sure that the lock is still held. Whoever begins a log asks after its name is there, so
   * that either this sees the successor or the successor sees the log.
   *
   * @throws IOException where another process took the folder over; it says which, and nothing may
   *     be written any more
   */
  void check() throws IOException;

  /**
   * Whether forcing a log has to be followed by {@link #check}: where a log cannot be closed to a
   * writer that lost the lock.
   */
  boolean isCheckedAtEveryForce();

  /** Lets others write. */
  @Override
  void close() throws IOException;
}
