package io.prunegrid.zoo;

import io.prunegrid.graph.Shape;

/** How many inputs one output of a weight sees. */
final class Fan {
  private Fan() {}

  /** Product of all dimensions but the first. */
  static long in(Shape weight) {
    long fan = 1;
    for (int i = 1; i < weight.rank(); i++) {
      fan *= weight.dim(i);
    }
    return fan;
  }
}
