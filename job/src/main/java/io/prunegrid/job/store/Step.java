package io.prunegrid.job.store;

import java.util.List;
import java.util.ServiceLoader;

/** The named steps of the write protocol, in order: where a crash leaves a distinct state. */
public enum Step {
  /** A group of frames is in the segment's file, not forced. */
  FRAMES_WRITTEN,
  /** The group is forced; nobody was told yet. */
  FRAMES_FORCED,
  /** The segment takes no more frames. */
  SEGMENT_CLOSED,
  /** A table's part is whole under its temporary name, not forced. */
  PART_WRITTEN,
  /** The part is forced, still under its temporary name. */
  PART_FORCED,
  /** The part has its final name; the segment is still there. */
  PART_NAMED,
  /** Every table's part is there; the segment is about to go. */
  PARTS_COMPLETE,
  /** The segment is gone. */
  SEGMENT_RETIRED;

  /**
   * Told of every step as it is reached, on the thread that reached it; tests die there. One that
   * is installed as a service is told in any program.
   */
  @FunctionalInterface
  public interface Watcher {
    /** What has just been done is on the disk as far as the step says. */
    void reached(Step step);

    /** All that are installed as services of this type; usually none. */
    static Watcher installed() {
      List<Watcher> all =
          ServiceLoader.load(Watcher.class).stream().map(ServiceLoader.Provider::get).toList();
      return step -> all.forEach(watcher -> watcher.reached(step));
    }
  }
}
