package io.prunegrid.pipeline;

import java.util.Locale;

/** What becomes of the head when a cell works on a subset. */
public enum Head {
  /** Reduced to the rows of the subset's classes, in the subset's order. */
  SUBSET,
  /** Left whole; an image counts as correct only if its class wins among all. */
  FULL,
  /** Replaced by a freshly initialized one with the subset's classes. */
  NEW;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
