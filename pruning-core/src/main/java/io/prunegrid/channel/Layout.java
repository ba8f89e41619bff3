package io.prunegrid.channel;

/**
 * The channels of one tensor: along which axis they lie and which one is at each position of it.
 */
final class Layout {
  static final int NOWHERE = -1;

  /** Channels that a product has mixed, so that the tensor has none of its own. */
  static final Layout MIXED = new Layout(NOWHERE, new int[0]);

  private final int axis;
  private final int[] atoms;

  /**
   * @param axis counted without the batch
   * @param atoms one for each position of the axis; not copied
   */
  Layout(int axis, int[] atoms) {
    this.axis = axis;
    this.atoms = atoms;
  }

  int axis() {
    return axis;
  }

  int[] atoms() {
    return atoms;
  }

  boolean isMixed() {
    return axis == NOWHERE;
  }

  Layout along(int otherAxis) {
    return new Layout(otherAxis, atoms);
  }

  Layout with(int[] others) {
    return new Layout(axis, others);
  }
}
