package io.prunegrid.runtime;

/**
 * Images that went through networks, by what for: each once for every pass forward, whatever went
 * backward after it. A thread counts what its own sessions do, so work that runs beside it on other
 * threads leaves no trace.
 *
 * @param evaluated images whose outputs alone were wanted
 * @param scored images that a criterion looked at
 * @param trained images in training steps
 */
public record ImageCounts(long evaluated, long scored, long trained) {
  /** No image. */
  public static final ImageCounts NONE = new ImageCounts(0, 0, 0);

  private static final ThreadLocal<ImageCounts> OF_THREAD = ThreadLocal.withInitial(() -> NONE);

  /** What images go through a network for. */
  enum Purpose {
    EVALUATION,
    SCORING,
    TRAINING
  }

  /** What the calling thread's sessions have counted since it last asked. */
  public static ImageCounts takeOfThread() {
    ImageCounts counts = OF_THREAD.get();
    OF_THREAD.remove();
    return counts;
  }

  /** Counts images of the calling thread. */
  static void add(Purpose purpose, int images) {
    ImageCounts more =
        switch (purpose) {
          case EVALUATION -> new ImageCounts(images, 0, 0);
          case SCORING -> new ImageCounts(0, images, 0);
          case TRAINING -> new ImageCounts(0, 0, images);
        };
    OF_THREAD.set(OF_THREAD.get().plus(more));
  }

  /** These and others. */
  public ImageCounts plus(ImageCounts other) {
    return new ImageCounts(
        evaluated + other.evaluated, scored + other.scored, trained + other.trained);
  }

  /** All of them. */
  public long total() {
    return evaluated + scored + trained;
  }
}
