package io.prunegrid.criterion;

/** What a criterion ranks. */
public enum Unit {
  /** Classes of coupled channels, which can be taken out. */
  CHANNELS,
  /** Single weights, which can be masked. */
  WEIGHTS
}
