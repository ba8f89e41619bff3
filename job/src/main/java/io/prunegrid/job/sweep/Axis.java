package io.prunegrid.job.sweep;

import java.util.Arrays;
import java.util.List;

/** The axes of a grid, from the one that varies slowest to the one that varies fastest. */
public enum Axis {
  MODELS(0, "models", "model"),
  SEEDS(1, "seeds", "seed"),
  SUBSETS(2, "subsets", "subset"),
  METHODS(3, "methods", "method"),
  RATIOS(4, "ratios", "ratio");

  private final int position;
  private final String key;
  private final String one;

  Axis(int position, String key, String one) {
    this.position = position;
    this.key = key;
    this.one = one;
  }

  /** How a sweep file calls it, for instance {@code models}. */
  public String key() {
    return key;
  }

  /** How one value of it is called, for instance {@code model}. */
  public String one() {
    return one;
  }

  /** Its place among the axes, from 0 for the one that varies slowest. */
  int position() {
    return position;
  }

  static List<String> keys() {
    return Arrays.stream(values()).map(Axis::key).toList();
  }
}
