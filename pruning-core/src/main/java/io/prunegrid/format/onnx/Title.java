package io.prunegrid.format.onnx;

/**
 * What a node is to be called, and how good its claim is where others want the same name.
 *
 * @param name may be empty, for a node that nobody has named
 */
record Title(String name, Claim claim) {
  /** The better ones first. */
  enum Claim {
    /** A layer whose weight has the name. */
    WEIGHT,
    /** Another layer. */
    LAYER,
    /** One of several outputs, which their names tell apart. */
    OUTPUT,
    OTHER
  }

  static Title of(String name) {
    return new Title(name, Claim.OTHER);
  }
}
