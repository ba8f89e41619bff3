package io.prunegrid.job.checks;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.job.checks.StandaloneSpark.Shape;
import io.prunegrid.job.spark.AttemptWatcher;
import io.prunegrid.job.store.ArtifactStep;
import io.prunegrid.job.store.Step;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A sweep on two workers whose executors and driver are killed with {@code kill -9}, at random and
 * at every named step of the protocol, ends after its last start with the rows of an undisturbed
 * run and with nothing else in its store.
 */
final class ChaosCheck {
  private static final List<String> OF_DRIVERS = names(Step.values());
  private static final List<String> OF_ARTIFACTS = names(ArtifactStep.values());
  private static final List<String> OF_ATTEMPTS = names(AttemptWatcher.Step.values());

  /** From the first executors to where the cells of an undisturbed run are about done. */
  private static final double LONGEST_SECONDS = 12;

  private final Report report;
  private final ChaosRounds rounds;
  private final StandaloneSpark spark;
  private final SplitMix64 random;
  private final Map<String, Integer> hits = new LinkedHashMap<>();
  private int nextOfDrivers;
  private int nextOfAttempts;
  private int nextOfArtifacts;

  private ChaosCheck(Report report, ChaosRounds rounds, StandaloneSpark spark, long seed) {
    this.report = report;
    this.rounds = rounds;
    this.spark = spark;
    this.random = SplitMix64.stream(seed, "chaos");
    OF_DRIVERS.forEach(step -> hits.put("driver at " + step, 0));
    OF_ATTEMPTS.forEach(step -> hits.put("executor at " + step, 0));
    OF_ARTIFACTS.forEach(step -> hits.put("executor at " + step, 0));
    hits.put(ChaosRounds.DRIVER_AT_RANDOM, 0);
    hits.put(ChaosRounds.EXECUTOR_AT_RANDOM, 0);
  }

  /**
   * Runs the check.
   *
   * @param arguments {@code --rounds N}, 10 by default, and {@code --seed N}
   */
  public static void main(String[] arguments) {
    int rounds = 10;
    long seed = 1;
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length || !List.of("--rounds", "--seed").contains(arguments[i])) {
        System.err.println("usage: chaos [--rounds N] [--seed N]");
        System.exit(2);
      }
      if (arguments[i].equals("--rounds")) {
        rounds = Integer.parseInt(arguments[i + 1]);
      } else {
        seed = Long.parseLong(arguments[i + 1]);
      }
    }
    int asked = rounds;
    long seeded = seed;
    Report.main(
        "chaos",
        report -> {
          Path folder = Files.createTempDirectory("prunegrid-chaos");
          report.figure("folder", folder);
          check(report, folder, sweep(5, 10), (check) -> check.everything(asked), seeded);
          StoreOrdersCheck.check(StoreOrdersCheck.Settings.LONG, report);
        });
  }

  /** One round: enough to see that it works. */
  static void shortForm(Report report, Path folder) throws Exception {
    check(report, folder, sweep(2, 4), ChaosCheck::once, 1);
  }

  /** What is done on a running cluster. */
  @FunctionalInterface
  private interface Body {
    void run(ChaosCheck check) throws Exception;
  }

  private static void check(Report report, Path folder, String sweep, Body body, long seed)
      throws Exception {
    Path file = Files.writeString(folder.resolve("chaos.conf"), sweep);
    ChaosRounds rounds = new ChaosRounds(report, folder, file);
    try (StandaloneSpark spark =
        StandaloneSpark.start(folder.resolve("spark"), Shape.of(2, 1).withMemory("1g"))) {
      rounds.undisturbed();
      List<Long> before = spark.workers().stream().map(ProcessHandle::pid).toList();
      body.run(new ChaosCheck(report, rounds, spark, seed));
      report.claim(
          before.size() == 2
              && spark.workers().stream().map(ProcessHandle::pid).toList().equals(before),
          "both workers are the processes that they were at the beginning");
    }
  }

  /** Short cells, five for each seed and ratio; two scores of a base come from one pass. */
  private static String sweep(int seeds, int ratios) {
    return "sweep {\n  name = chaos\n  data = fashion\n"
        + "  train { epochs = 1, lr = 0.05, batch = 64, samples = 128 }\n"
        + "  models = [small-cnn]\n  subsets = [{ name = tops, classes = [0, 1, 2] }]\n"
        + "  samples = 16\n  methods = [taylor, sensitivity, random, ln, magnitude]\n  retries = 20\n"
        + "  seeds = "
        + IntStream.range(0, seeds).boxed().toList()
        + "\n  ratios = "
        + IntStream.range(0, ratios).mapToObj(n -> (n + 5) / 100.0).toList()
        + "\n}\n";
  }

  private void once() throws Exception {
    ChaosRounds.Start start = start("round 1", 1);
    disturb(start.killingDriverAt(Step.PART_NAMED.name(), 1).killingExecutorAt("COMPUTED", 3));
    rounds.end(spark, "round 1", 1);
    report.claim(
        hits.get("driver at PART_NAMED") == 1 && hits.get("executor at COMPUTED") == 1,
        "the driver and an executor were killed where it was ordered");
  }

  private void everything(int asked) throws Exception {
    for (int n = 1; n <= asked; n++) {
      String round = "round " + n;
      disturb(
          orderDriver(start(round, 1))
              .killingExecutorAt(nextOfArtifacts(), 1 + random.nextInt(2))
              .killingExecutorAt(nextOfArtifacts(), 1 + random.nextInt(2))
              .killingAnExecutorAfter(random.nextDouble() * LONGEST_SECONDS));
      disturb(
          start(round, 2)
              .killingExecutorAt(nextOfAttempts(), 1 + random.nextInt(20))
              .killingTheDriverAfter(random.nextDouble() * LONGEST_SECONDS));
      disturb(
          orderDriver(start(round, 3)).killingExecutorAt(nextOfAttempts(), 1 + random.nextInt(20)));
      rounds.end(spark, round, 3);
    }
    // what the rounds happened to miss, and no more
    for (int more = 1; more <= 3 * OF_DRIVERS.size() && !missed("").isEmpty(); more++) {
      String round = "more " + more;
      ChaosRounds.Start start = start(round, 1);
      for (String step : missed("executor at ")) {
        start = start.killingExecutorAt(step, 1);
      }
      for (String step : missed("driver at ").stream().limit(1).toList()) {
        start = start.killingDriverAt(step, 1);
      }
      disturb(start);
      rounds.end(spark, round, 1);
    }
    hits.forEach((where, times) -> report.figure("killed: " + where, times));
    report.claim(
        hits.values().stream().allMatch(times -> times > 0),
        "driver and executors were killed at random and at each of the %d named steps",
        OF_DRIVERS.size() + OF_ATTEMPTS.size() + OF_ARTIFACTS.size());
  }

  private static ChaosRounds.Start start(String round, int number) {
    return ChaosRounds.Start.of(round, number);
  }

  private String nextOfAttempts() {
    return OF_ATTEMPTS.get(nextOfAttempts++ % OF_ATTEMPTS.size());
  }

  private String nextOfArtifacts() {
    return OF_ARTIFACTS.get(nextOfArtifacts++ % OF_ARTIFACTS.size());
  }

  private ChaosRounds.Start orderDriver(ChaosRounds.Start start) {
    String step = OF_DRIVERS.get(nextOfDrivers++ % OF_DRIVERS.size());
    // groups of frames are many, files few
    int times = step.startsWith("FRAMES") ? 100 : 3;
    return start.killingDriverAt(step, 1 + random.nextInt(times));
  }

  private void disturb(ChaosRounds.Start start) throws Exception {
    rounds.disturb(spark, start).forEach(where -> hits.merge(where, 1, Integer::sum));
  }

  private List<String> missed(String kind) {
    List<String> missed = new ArrayList<>();
    hits.forEach(
        (where, times) -> {
          if (times == 0 && where.startsWith(kind)) {
            missed.add(where.substring(kind.length()));
          }
        });
    return missed;
  }

  private static List<String> names(Enum<?>... steps) {
    return Arrays.stream(steps).map(Enum::name).collect(Collectors.toUnmodifiableList());
  }
}
