package io.prunegrid.criterion;

/**
 * What one pass over images computes for a criterion. Criteria that name the same kind find in a
 * pass that they share, bit for bit, what each finds in a pass of its own: the network is computed
 * in the same way, on the same images in the same batches.
 *
 * @param computed what is computed of the network
 * @param detail what else decides it, for instance how many images are shown; empty for nothing
 */
public record PassKind(Computed computed, String detail) {
  /** What is computed of the network. */
  public enum Computed {
    /** Outputs of nodes. */
    FORWARD,
    /** These and the gradient of the loss. */
    GRADIENTS,
    /** These and the square of each image's own gradient. */
    SQUARED_GRADIENTS,
    /** Relevance, by rules that the detail names. */
    RELEVANCE
  }

  /** The kind that nothing else decides. */
  static PassKind of(Computed computed) {
    return new PassKind(computed, "");
  }
}
