package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.job.spark.GridSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a sweep runs. */
final class ClusterOptions {
  private static final String CLIENT = "client";
  private static final String CLUSTER = "cluster";
  private static final List<String> MASTERS = List.of("local", "yarn");
  private static final List<String> MASTER_STARTS =
      List.of("local[", "local-cluster[", "spark://", "k8s://");

  /** What these options are called. */
  static final List<String> NAMES = List.of("--master", "--deploy-mode", "--spark-conf");

  @Option(
      names = "--master",
      paramLabel = "URL",
      description =
          "Where cells run: spark://HOST:PORT, yarn, k8s://URL or local-cluster[N,CORES,MEGABYTES];"
              + " this process by default (docs/clusters.md).")
  private String master;

  @Option(
      names = "--deploy-mode",
      paramLabel = "MODE",
      description =
          "client: what you see is here and only cells run on the cluster (default); cluster: all of"
              + " it runs there.")
  private String deployMode = CLIENT;

  @Option(
      names = "--spark-conf",
      paramLabel = "KEY=VALUE",
      description = "An option of Spark, for instance spark.executor.memory=2g. May be repeated.")
  private List<String> sparkOptions = new ArrayList<>();

  /** The master's URL; empty for this process. */
  Optional<String> master() {
    return Optional.ofNullable(master);
  }

  /** Whether cells run in this process. */
  boolean isHere() {
    String chosen = master == null ? System.getProperty("spark.master") : master;
    return chosen == null || GridSettings.isLocal(chosen);
  }

  /** Whether the whole run is handed to the cluster. */
  boolean isHandedOver() {
    return deployMode.equals(CLUSTER);
  }

  /**
   * Options of Spark by name.
   *
   * @throws BadInput with every problem of these options
   */
  Map<String, String> sparkOptions() {
    List<String> problems = new ArrayList<>();
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : sparkOptions) {
      int equals = option.indexOf('=');
      if (equals < 0 || !option.startsWith("spark.")) {
        problems.add(
            "--spark-conf is '"
                + option
                + "'; allowed: KEY=VALUE with a key that begins with spark.");
      } else {
        options.put(option.substring(0, equals), option.substring(equals + 1));
      }
    }
    if (!deployMode.equals(CLIENT) && !deployMode.equals(CLUSTER)) {
      problems.add("--deploy-mode: " + Names.unknown("mode", deployMode, List.of(CLIENT, CLUSTER)));
    }
    if (master != null
        && !MASTERS.contains(master)
        && MASTER_STARTS.stream().noneMatch(master::startsWith)) {
      problems.add(
          "--master is '"
              + master
              + "'; allowed: spark://HOST:PORT, yarn, k8s://URL, local-cluster[N,CORES,MEGABYTES],"
              + " local[N]");
    }
    if (isHandedOver() && (isHere() || master.startsWith("local-cluster["))) {
      problems.add(
          "--deploy-mode cluster needs a --master that is a cluster: spark://HOST:PORT, yarn or"
              + " k8s://URL");
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    return options;
  }
}
