package io.prunegrid.job.store.disk;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.util.Optional;

/**
 * The lock of a folder on a file system that has no locks: a {@link Lease} in its folder {@code
 * lease}. That a log is not written behind a successor's back is the file system's part ({@link
 * Disk#sealLog}), or follows from checking after every force.
 */
final class LeaseLock implements FolderLock {
  private static final long PAUSE_MILLIS = 250;

  private final String what;
  private final Location folder;
  private final Lease lease;
  private final boolean checkedAtEveryForce;

  private LeaseLock(String what, Location folder, Lease lease, boolean checkedAtEveryForce) {
    this.what = what;
    this.folder = folder;
    this.lease = lease;
    this.checkedAtEveryForce = checkedAtEveryForce;
  }

  /**
   * Takes the lock, after waiting for a dead holder's lease to end where there is one.
   *
   * @throws BadInput where the holder gives a sign of life, or another process is quicker
   */
  static LeaseLock acquire(Disk disk, String what, Location folder, boolean checkedAtEveryForce)
      throws IOException {
    Lease.Onlooker onlooker = new Lease.Onlooker(disk, folder.resolve("lease"), "");
    try {
      while (!onlooker.isHeldByTheLiving()) {
        Optional<Lease> taken = onlooker.tryToTake();
        if (taken.isPresent()) {
          return new LeaseLock(what, folder, taken.get(), checkedAtEveryForce);
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the lease of " + folder, e);
    }
    throw Holder.busy(what, folder.text(), onlooker.holder());
  }

  @Override
  public void check() throws IOException {
    if (lease.isLost()) {
      throw new IOException(
          what
              + " "
              + folder
              + " was taken over by another run ("
              + lease.successor()
              + ") because this one gave no sign of life; this one writes nothing any more");
    }
  }

  @Override
  public boolean isCheckedAtEveryForce() {
    return checkedAtEveryForce;
  }

  @Override
  public void close() throws IOException {
    lease.release();
  }
}
