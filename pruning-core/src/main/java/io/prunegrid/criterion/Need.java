package io.prunegrid.criterion;

/** What a criterion looks at besides the network; what it does not need leaves its score alone. */
public enum Need {
  /**
   * Images to score with: the criterion is data-based, and class-aware in that it sees those of the
   * wanted classes.
   */
  SAMPLES,
  /** The images' labels. */
  LABELS,
  /** An engine to run the network on. */
  ENGINE,
  /** What nodes compute on the way forward. */
  TAPS,
  /** Gradients of the loss. */
  GRADIENTS,
  /** More than one pass over the images. */
  PASSES,
  /** A file that a parameter names. */
  FILE,
  /** The cell's seed: other seeds give other scores. */
  SEED
}
