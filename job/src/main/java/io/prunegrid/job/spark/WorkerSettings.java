package io.prunegrid.job.spark;

import io.prunegrid.runtime.ComputeDevice;
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
 * @param gpus what cells ask for; the device is then the one that they are given
 */
public record WorkerSettings(
    String sweep,
    String results,
    String store,
    KeptModels models,
    int threads,
    String device,
    Gpus gpus)
    implements Serializable {

  /** Whether pruned networks are kept. */
  public enum KeptModels {
    ALL,
    NONE
  }

  /** The same on exactly this device. */
  WorkerSettings on(ComputeDevice exactly) {
    return new WorkerSettings(
        sweep, results, store, models, threads, exactly.toString(), Gpus.NONE);
  }
}
