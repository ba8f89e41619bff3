package io.prunegrid.job.store;

/** The named steps of the write protocol, in order: where a crash leaves a distinct state. */
enum Step {
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
  PART_RENAMED,
  /** Every table's part is there; the segment is about to go. */
  PARTS_COMPLETE,
  /** The segment is gone. */
  SEGMENT_RETIRED;

  /** Told of every step as it is reached; tests die there. */
  @FunctionalInterface
  interface Watcher {
    void reached(Step step);
  }
}
