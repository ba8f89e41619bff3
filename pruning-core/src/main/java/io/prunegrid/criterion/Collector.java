package io.prunegrid.criterion;

import io.prunegrid.runtime.Tap;
import io.prunegrid.runtime.WeightReading;
import java.util.Map;
import java.util.Set;

/**
 * What one criterion makes of a pass over images: it says what it wants read, is given every batch
 * in order, and keeps sums whose size does not depend on the number of images.
 */
interface Collector {
  /** What is to be read off nodes. */
  Set<Tap> taps();

  /** Which sums over images are to be kept of every weight. */
  default Set<WeightReading> weights() {
    return Set.of();
  }

  /** Takes in the next images. */
  void add(Batch batch);

  /** How many images it takes in, at most; all others are no more shown. */
  default int limit() {
    return Integer.MAX_VALUE;
  }

  /** The scores, when all images were seen. */
  Scores scores(Seen seen);

  /** Some images in a row and what was read of them. */
  final class Batch {
    private final int size;
    private final int[] labels;
    private final Map<Tap, float[]> values;

    /**
     * Holds a batch.
     *
     * @param size number of images, at least 1
     * @param labels each image's output
     * @param values by tap, {@code (image, channel)}
     */
    Batch(int size, int[] labels, Map<Tap, float[]> values) {
      this.size = size;
      this.labels = labels;
      this.values = values;
    }

    int size() {
      return size;
    }

    /** Output of an image's class. */
    int label(int image) {
      return labels[image];
    }

    /** What a tap read, {@code (image, channel)}; not to be changed. */
    float[] of(Tap tap) {
      float[] found = values.get(tap);
      if (found == null) {
        throw new IllegalArgumentException("nothing was read at " + tap);
      }
      return found;
    }
  }

  /**
   * A whole pass.
   *
   * @param images number of images, at least 1
   * @param weights sums over the images by reading and parameter
   */
  record Seen(int images, Map<WeightReading, Map<String, double[]>> weights) {}
}
