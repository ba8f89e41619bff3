package io.prunegrid.data;

import java.util.Locale;

/** The parts of a data set. */
public enum Part {
  TRAIN,
  TEST;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
