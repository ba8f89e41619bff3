package io.prunegrid.job.sweep;

import java.util.Locale;

/** How the points of a range lie. */
enum Scale {
  /** At equal differences. */
  LINEAR,
  /** At equal factors. */
  LOG,
  /** At equal factors of what is left, one minus the value. */
  LOG_KEPT;

  /**
   * The value at a share of the way.
   *
   * @param share in [0, 1]
   */
  double between(double from, double to, double share) {
    return switch (this) {
      case LINEAR -> from + (to - from) * share;
      case LOG -> from * StrictMath.pow(to / from, share);
      case LOG_KEPT -> 1 - (1 - from) * StrictMath.pow((1 - to) / (1 - from), share);
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
