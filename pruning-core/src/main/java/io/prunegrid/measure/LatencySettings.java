package io.prunegrid.measure;

/**
 * How long and how well a latency is measured.
 *
 * @param seconds after so many no further block begins, above 0; the fewest blocks that an interval
 *     needs run however long they take
 * @param goal the relative half-width at which measuring ends early, above 0, for instance 0.03
 * @param seed of the order in which networks take turns
 */
public record LatencySettings(double seconds, double goal, long seed) {
  /** Seconds that suffice on a quiet machine for networks of up to a few hundred milliseconds. */
  public static final double DEFAULT_SECONDS = 20;

  /** Three percent. */
  public static final double DEFAULT_GOAL = 0.03;

  public LatencySettings {
    if (!(seconds > 0) || !(goal > 0)) {
      throw new IllegalArgumentException(
          "seconds and goal must be above 0, found " + seconds + " and " + goal);
    }
  }
}
