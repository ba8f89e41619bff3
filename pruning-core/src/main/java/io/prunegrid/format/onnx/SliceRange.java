package io.prunegrid.format.onnx;

import java.util.ArrayList;
import java.util.List;

/**
 * One axis of a slice as the file says it: ends may lie outside and count from behind.
 *
 * @param axis counted from the front
 */
record SliceRange(int axis, Size start, Size end, long step) {
  private static final int MOST = 1 << 24;

  /** The ranges of a slice with inputs data, starts, ends, axes and steps. */
  static List<SliceRange> of(List<Constant> in, int rank) {
    if (in.size() < 3 || in.get(1) == null || in.get(2) == null) {
      throw new Unsupported("it does not say where it starts and ends");
    }
    Constant starts = in.get(1);
    Constant ends = in.get(2);
    Constant axes = in.size() > 3 ? in.get(3) : null;
    Constant steps = in.size() > 4 ? in.get(4) : null;
    int count = starts.size();
    if (ends.size() != count
        || (axes != null && axes.size() != count)
        || (steps != null && steps.size() != count)) {
      throw new Unsupported("its starts, ends, axes and steps differ in number");
    }
    List<SliceRange> ranges = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long step = steps == null ? 1 : steps.plain(i);
      if (step == 0 || step < -MOST || step > MOST) {
        throw new Unsupported("it goes in steps of " + step);
      }
      int axis = Folding.axis(axes == null ? i : axes.plain(i), rank);
      if (ranges.stream().anyMatch(range -> range.axis == axis)) {
        throw new Unsupported("it names an axis twice");
      }
      ranges.add(new SliceRange(axis, starts.whole(i), ends.whole(i), step));
    }
    return ranges;
  }

  /** First position, step and number of positions within an axis of this length. */
  int[] within(int length) {
    long first = clamped(start, length, step > 0 ? 0 : -1);
    long last = clamped(end, length, step > 0 ? 0 : -1);
    long count = -Math.floorDiv(first - last, step);
    return new int[] {(int) first, (int) step, (int) Math.max(0, count)};
  }

  /** Backwards, the place in front of the first is an end, and the last is where it starts. */
  private static long clamped(Size place, int length, int lowest) {
    if (!place.isPlain()) {
      throw new Unsupported("it depends on the number of samples");
    }
    long found = place.plain() < 0 ? place.plain() + length : place.plain();
    return Math.min(Math.max(found, lowest), length + lowest);
  }

  /** Whether nothing is left out, however long the axis. */
  boolean isWhole() {
    return start.equals(Size.of(0))
        && step == 1
        && end.isPlain()
        && end.plain() >= Integer.MAX_VALUE;
  }
}
