package io.prunegrid.criterion;

/** What a criterion looks at besides the network; what it does not need leaves its score alone. */
public enum Need {
  /** Images to score with; a criterion that sees those of some classes only is class-aware. */
  SAMPLES,
  /** The images' labels. */
  LABELS,
  /** An engine to run the network on. */
  ENGINE,
  /** The cell's seed: other seeds give other scores. */
  SEED
}
