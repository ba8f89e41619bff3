package io.prunegrid.job.sweep;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * What is timed after the cells. Nothing of it enters a cell's key.
 *
 * @param batchSizes images a batch, each at least 1, without duplicates
 * @param runtimes what runs the networks, at least one, without duplicates
 * @param time when a measurement ends even if its interval is still wider than wanted, above 0
 * @param halfWidth the relative half-width of an interval at which measuring ends early, above 0
 */
public record LatencyPhase(
    List<Integer> batchSizes, List<LatencyRuntime> runtimes, Duration time, double halfWidth)
    implements Serializable {
  public LatencyPhase {
    batchSizes = List.copyOf(batchSizes);
    runtimes = List.copyOf(runtimes);
  }
}
