package io.prunegrid.job.store;

import io.prunegrid.job.store.disk.Disk;
import java.util.List;
import java.util.ServiceLoader;

/** The named steps of making an artifact, in order: where a crash leaves a distinct state. */
public enum ArtifactStep {
  /** Whoever computes it has the lease; nothing is computed yet. */
  LEASE_TAKEN,
  /** The content is whole under its temporary name, not forced. */
  CONTENT_WRITTEN,
  /** The content is forced, still under its temporary name. */
  CONTENT_FORCED,
  /** The content has its name, which no pointer has yet. */
  CONTENT_NAMED,
  /** The pointer is whole under its temporary name, not forced. */
  POINTER_WRITTEN,
  /** The pointer is forced, still under its temporary name. */
  POINTER_FORCED,
  /** The key has its artifact; the lease is still there. */
  POINTER_NAMED;

  /**
   * Told of every step as it is reached, on the thread that reached it, found by {@link
   * ServiceLoader}. PruneGrid has none: tests die there.
   */
  @FunctionalInterface
  public interface Watcher {
    /** What has just been done is on the disk as far as the step says. */
    void reached(ArtifactStep step);
  }

  private static final class Watchers {
    private static final List<Watcher> ALL =
        ServiceLoader.load(Watcher.class).stream().map(ServiceLoader.Provider::get).toList();

    private Watchers() {}
  }

  /** Tells all watchers of this process. */
  void reached() {
    Watchers.ALL.forEach(watcher -> watcher.reached(this));
  }

  static void ofContent(Disk.Stage stage) {
    switch (stage) {
      case WRITTEN -> CONTENT_WRITTEN.reached();
      case FORCED -> CONTENT_FORCED.reached();
      case NAMED -> CONTENT_NAMED.reached();
    }
  }

  static void ofPointer(Disk.Stage stage) {
    switch (stage) {
      case WRITTEN -> POINTER_WRITTEN.reached();
      case FORCED -> POINTER_FORCED.reached();
      case NAMED -> POINTER_NAMED.reached();
    }
  }
}
