package io.prunegrid.job.spark;

import io.prunegrid.runtime.ComputeDevice;
import java.io.Serializable;
import java.util.List;

/**
 * What an executor must know of a sweep.
 *
 * @param sweep its name
 * @param results folder of the results
 * @param stores folders of bases and scores: one's own, then others that are only read
 * @param models whether pruned networks are kept, in {@code models} under the results
 * @param threads threads that compute one cell
 * @param device {@code cpu}, {@code gpu} or {@code gpu:N}
 * @param gpus what cells ask for; the device is then the one that they are given
 */
public record WorkerSettings(
    String sweep,
    String results,
    List<String> stores,
    KeptModels models,
    int threads,
    String device,
    Gpus gpus)
    implements Serializable {

  public WorkerSettings {
    stores = List.copyOf(stores);
  }

  /** Whether pruned networks are kept. */
  public enum KeptModels {
    ALL,
    NONE
  }

  /** The same on exactly this device. */
  WorkerSettings on(ComputeDevice exactly) {
    return new WorkerSettings(
        sweep, results, stores, models, threads, exactly.toString(), Gpus.NONE);
  }
}
