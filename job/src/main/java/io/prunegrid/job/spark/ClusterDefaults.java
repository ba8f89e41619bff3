package io.prunegrid.job.spark;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.WorkingFolder;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;

/**
 * What executors are started with. One slot each by default, of as many cores as a cell has
 * threads: a cell that takes its process down then takes nothing else along. Where cells share a
 * GPU, the slots of an executor are those of one GPU.
 */
final class ClusterDefaults {
  /** Names of Spark's options. */
  private static final String TASK_CORES = "spark.task.cpus";

  private static final String EXECUTOR_CORES = "spark.executor.cores";
  private static final String TASK_GPUS = "spark.task.resource.gpu.amount";
  private static final String EXECUTOR_GPUS = "spark.executor.resource.gpu.amount";
  private static final String JAVA_OPTIONS = "spark.executor.extraJavaOptions";

  /** What the engine's libraries read before anything else runs; the launcher sets the same. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "OMP_WAIT_POLICY", "PASSIVE",
          "MALLOC_ARENA_MAX", "2",
          "MALLOC_TRIM_THRESHOLD_", "4294967296",
          "MALLOC_MMAP_THRESHOLD_", "4294967296",
          "MALLOC_TOP_PAD_", "268435456");

  private ClusterDefaults() {}

  /**
   * Completes the configuration.
   *
   * @throws BadInput where what was given does not go with the sweep's threads and GPUs
   */
  static void apply(SparkConf conf, GridSettings settings) {
    List<String> problems = new ArrayList<>();
    cores(conf, settings, problems);
    gpus(conf, settings, problems);
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    ENVIRONMENT.forEach(
        (name, value) ->
            conf.setIfMissing(
                "spark.executorEnv." + name,
                Optional.ofNullable(System.getenv(name)).orElse(value)));
    // native memory, which Spark does not see, is most of a cell's
    conf.setIfMissing("spark.executor.memoryOverhead", "1g");
    // which executor is lost through whose fault is decided here, not counted by Spark
    conf.setIfMissing("spark.executor.maxNumFailures", "1000000");
    String given = conf.get(JAVA_OPTIONS, "");
    conf.set(
        JAVA_OPTIONS,
        (given
                + " -Djava.awt.headless=true -Dai.djl.offline=true -XX:-UsePerfData \"-D"
                + WorkingFolder.PROPERTY
                + "="
                + WorkingFolder.folder()
                + "\"")
            .strip());
  }

  private static void cores(SparkConf conf, GridSettings settings, List<String> problems) {
    String threads = String.valueOf(settings.threads());
    conf.setIfMissing(TASK_CORES, threads);
    conf.setIfMissing(
        EXECUTOR_CORES, String.valueOf(settings.threads() * slotsOfAnExecutor(settings)));
    if (!conf.get(TASK_CORES).equals(threads)) {
      problems.add(
          TASK_CORES
              + " is "
              + conf.get(TASK_CORES)
              + ", but the sweep's threads is "
              + threads
              + "; leave "
              + TASK_CORES
              + " out and set threads");
    }
    Optional<Integer> cores = wholeNumber(conf.get(EXECUTOR_CORES));
    if (cores.isEmpty() || cores.get() < 1 || cores.get() % settings.threads() != 0) {
      problems.add(
          EXECUTOR_CORES
              + " is "
              + conf.get(EXECUTOR_CORES)
              + "; allowed: a multiple of the sweep's threads, which is "
              + threads);
    }
    if (settings.slots() > 0) {
      conf.setIfMissing("spark.cores.max", String.valueOf(settings.slots() * settings.threads()));
      if (cores.isPresent() && cores.get() >= 1) {
        int each = Math.max(1, cores.get() / settings.threads());
        conf.setIfMissing(
            "spark.executor.instances", String.valueOf((settings.slots() + each - 1) / each));
      }
    }
  }

  /** One, for isolation; but only slots of the same executor can share a GPU. */
  private static int slotsOfAnExecutor(GridSettings settings) {
    return settings.gpus().signum() == 0 ? 1 : GpuShares.itemsPerGpu(settings.gpus());
  }

  private static void gpus(SparkConf conf, GridSettings settings, List<String> problems) {
    BigDecimal gpus = settings.gpus();
    if (gpus.signum() == 0) {
      return;
    }
    conf.setIfMissing(TASK_GPUS, gpus.toPlainString());
    if (!conf.get(TASK_GPUS).equals(gpus.toPlainString())) {
      problems.add(
          TASK_GPUS
              + " is "
              + conf.get(TASK_GPUS)
              + ", but the sweep's gpus is "
              + gpus.toPlainString()
              + "; leave "
              + TASK_GPUS
              + " out and set gpus");
    }
    int slots =
        wholeNumber(conf.get(EXECUTOR_CORES)).map(cores -> cores / settings.threads()).orElse(1);
    int needed = GpuShares.gpusFor(Math.max(1, slots), gpus);
    conf.setIfMissing(EXECUTOR_GPUS, String.valueOf(needed));
  }

  private static Optional<Integer> wholeNumber(String text) {
    try {
      return Optional.of(Integer.valueOf(text.strip()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
