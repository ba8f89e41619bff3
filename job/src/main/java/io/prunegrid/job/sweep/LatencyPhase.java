package io.prunegrid.job.sweep;

import java.util.List;

/**
 * What is timed after the cells. Nothing of it enters a cell's key.
 *
 * @param batchSizes images a batch, each at least 1, without duplicates
 */
public record LatencyPhase(List<Integer> batchSizes) {
  public LatencyPhase {
    batchSizes = List.copyOf(batchSizes);
  }
}
