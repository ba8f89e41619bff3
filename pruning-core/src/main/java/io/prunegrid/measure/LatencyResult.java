package io.prunegrid.measure;

import java.util.OptionalDouble;

/**
 * A network's latency beside that of the network it came from.
 *
 * @param base single passes of the base
 * @param pruned single passes of the other network
 * @param ratio how many times as long as the base the other network takes
 * @param control the same for the base against itself, measured in the same rounds
 * @param blocks independent ratios behind the two intervals
 * @param warmUpRounds rounds before the first that counted
 * @param warmUp whether the warm-up ended because times had settled
 * @param onProcessor share of the timed seconds that the measuring thread had a processor; empty
 *     where that cannot be told
 * @param seconds what the whole measurement took
 */
public record LatencyResult(
    Spread base,
    Spread pruned,
    RatioInterval ratio,
    RatioInterval control,
    int blocks,
    int warmUpRounds,
    WarmUp warmUp,
    OptionalDouble onProcessor,
    double seconds) {

  /** How a warm-up ended. */
  public enum WarmUp {
    /** Times no longer changed. */
    STABLE,
    /** They still did when its time was over. */
    BOUNDED
  }

  /**
   * Whether the measurement says nothing: the base, against itself, did not come out as equal, so
   * something else than the networks made the difference.
   */
  public boolean isVoid() {
    return !control.covers(1);
  }
}
