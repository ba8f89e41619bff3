package io.prunegrid.runtime;

/** One number for each trainable value, summed over the images of a pass. */
public enum WeightReading {
  /** The gradient of each image's own cross-entropy loss. */
  GRADIENT,
  /** The square of that gradient: the diagonal of the empirical Fisher information. */
  SQUARED_GRADIENT
}
