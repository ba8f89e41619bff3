package io.prunegrid.job.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waiting for the disk, with the disk's own error where it failed. */
final class Waiting {
  private Waiting() {}

  /**
   * Waits even through interruptions: what is on its way to disk is not lost track of.
   *
   * @throws UncheckedIOException where the disk failed
   */
  static <T> T forDisk(CompletableFuture<T> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException disk) {
        throw new UncheckedIOException(disk);
      }
      if (cause instanceof UncheckedIOException disk) {
        throw new UncheckedIOException(disk.getCause());
      }
      throw new IllegalStateException("the journal failed: " + cause.getMessage(), cause);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
