package io.prunegrid.pipeline;

import java.util.Locale;

/** What a selection did to the network. */
public enum Effect {
  /** Channels or weights went. */
  REMOVED,
  /** Something was asked, and nothing could go. */
  NONE,
  /** The ratio is 0: a row of the base. */
  BASE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
