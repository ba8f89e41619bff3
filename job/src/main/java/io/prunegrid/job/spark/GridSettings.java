package io.prunegrid.job.spark;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where and how work runs. What {@code spark-submit} sets, or any system property {@code spark.*},
 * goes before the defaults here; {@code master} and {@code options} go before both.
 *
 * @param name shown by Spark
 * @param slots items at the same time; in local mode at least 1, on a cluster 0 for as many as it
 *     has room for
 * @param threads threads of each item, at least 1; slots times threads are the cores in use
 * @param gpus share of a GPU that each item is given, in [0, 1]
 * @param master a master's URL; empty: what spark-submit says, or else this process itself
 * @param options further Spark options by name
 */
public record GridSettings(
    String name,
    int slots,
    int threads,
    BigDecimal gpus,
    Optional<String> master,
    Map<String, String> options) {
  public GridSettings {
    options = Map.copyOf(options);
    if (slots < 0 || threads < 1) {
      throw new IllegalArgumentException(
          "slots must be at least 0 and threads at least 1, found " + slots + " and " + threads);
    }
  }

  /** This process itself, so many items of one thread at the same time. */
  public static GridSettings local(String name, int slots) {
    return new GridSettings(name, slots, 1, BigDecimal.ZERO, Optional.empty(), Map.of());
  }

  /**
   * The GPUs that items ask for, with this machine's where its own slots share them.
   *
   * @throws io.prunegrid.common.BadInput where they are asked for and none is found here
   */
  public Gpus gpusHere() {
    if (gpus.signum() == 0) {
      return Gpus.NONE;
    }
    return new Gpus(gpus, isLocal(chosenMaster()) ? GpuDiscovery.addresses(this) : List.of());
  }

  /** The same with no more items at the same time than these GPUs have shares. */
  public GridSettings within(Gpus found) {
    if (found.here().isEmpty()) {
      return this;
    }
    int most = found.here().size() * GpuShares.itemsPerGpu(gpus);
    return new GridSettings(name, Math.min(slots, most), threads, gpus, master, options);
  }

  /** An option of Spark as it will be. */
  Optional<String> option(String option) {
    return Optional.ofNullable(options.getOrDefault(option, System.getProperty(option)));
  }

  private String chosenMaster() {
    return master.or(() -> option("spark.master")).orElse("local");
  }

  /** Whether this master is this process itself. */
  public static boolean isLocal(String master) {
    return master.equals("local") || master.startsWith("local[");
  }
}
