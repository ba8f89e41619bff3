package io.prunegrid.job.spark;

import java.io.Serializable;

/**
 * What an executor must know of a sweep.
 *
 * @param sweep its name
 * @param results folder of the results
 * @param store folder of bases and scores
 * @param models whether pruned networks are kept, in {@code models} under the results
 * @param threads threads that compute one cell
 * @param device {@code cpu}, {@code gpu} or {@code gpu:N}
 */
public record WorkerSettings(
    String sweep, String results, String store, KeptModels models, int threads, String device)
    implements Serializable {

  /** Whether pruned networks are kept. */
  public enum KeptModels {
    ALL,
    NONE
  }
}
