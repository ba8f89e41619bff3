package io.prunegrid.job.checks;

import io.prunegrid.job.checks.StandaloneSpark.Shape;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;

/** One worker of one thread against two such workers, with real cells. */
final class ScaleOnWorkers {
  private static final double LEAST = 1.8;

  /** Bases, scores and cells of ten seeds; a cell takes some five seconds. */
  private static final String SWEEP =
      """
      sweep {
        name = scale
        data = fashion
        threads = 1
        train { epochs = 6, lr = 0.05, batch = 64, samples = 4000 }
        retrain { epochs = 16, lr = 0.01, batch = 64, samples = 4000 }
        models = [small-cnn]
        methods = [{ name = taylor, samples = 64 }, random, magnitude]
        seeds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
        ratios = [0.3, 0.5, 0.7]
      }
      """;

  private final Report report;
  private final Path folder;
  private final Path sweep;

  private ScaleOnWorkers(Report report, Path folder, Path sweep) {
    this.report = report;
    this.folder = folder;
    this.sweep = sweep;
  }

  /** Runs the sweep on one and on two workers, as often as is asked, in turns. */
  static void check(Report report, int times) throws Exception {
    Path folder = Files.createTempDirectory("prunegrid-scale");
    report.figure("folder", folder);
    Path sweep = Files.writeString(folder.resolve("scale.conf"), SWEEP);
    new ScaleOnWorkers(report, folder, sweep).check(times);
  }

  private void check(int times) throws Exception {
    List<Double> ratios = new ArrayList<>();
    Map<String, GenericRecord> expected = null;
    for (int turn = 1; turn <= times; turn++) {
      Location one = run(1, turn);
      Location two = run(2, turn);
      expected = expected == null ? rows(one) : expected;
      equal("one worker, turn " + turn, rows(one), expected);
      equal("two workers, turn " + turn, rows(two), expected);
      ratios.add(seconds(one) / seconds(two));
    }
    double middle = ratios.stream().sorted().toList().get(ratios.size() / 2);
    report.figure(
        "two workers against one, times as fast",
        ratios.stream().map(ratio -> String.format(Locale.ROOT, "%.2f", ratio)).toList());
    report.claim(
        middle >= LEAST, "two workers are at least %.1f times as fast: %.2f", LEAST, middle);
  }

  private Location run(int workers, int turn) throws IOException {
    Path results = folder.resolve("results-" + workers + "-" + turn);
    try (StandaloneSpark spark =
        StandaloneSpark.start(
            folder.resolve("spark-" + workers + "-" + turn),
            Shape.of(workers, 1).withMemory("1g"))) {
      pin(spark.workers());
      SweepProcess.Outcome outcome =
          SweepProcess.run(
              SweepProcess.Settings.in(folder.resolve("drivers"))
                  .on(spark)
                  .with("-Dspark.executor.memory=700m"),
              "run",
              sweep.toString(),
              "--results",
              results.toString());
      if (outcome.code() != 0) {
        throw new IllegalStateException(outcome.err());
      }
      Location at = Location.of(results);
      report.figure(
          (workers == 1 ? "one worker" : workers + " workers") + ", turn " + turn,
          String.format(
              Locale.ROOT,
              "%d cells, %.1f s from the first attempt to the last, %.1f s with starting",
              rows(at).size(),
              seconds(at),
              outcome.seconds()));
      return at;
    }
  }

  /**
   * Gives each worker one processor: on a machine with no more processors than workers a single one
   * would otherwise compile its code and collect its garbage on the processor of the absent one.
   */
  private static void pin(List<ProcessHandle> workers) throws IOException {
    for (int worker = 0; worker < workers.size(); worker++) {
      String pid = String.valueOf(workers.get(worker).pid());
      Process taskset =
          new ProcessBuilder("taskset", "-a", "-p", "-c", String.valueOf(worker), pid)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (taskset.onExit().join().exitValue() != 0) {
        throw new IllegalStateException("no processor " + worker + " for a worker of its own");
      }
    }
  }

  private void equal(
      String where, Map<String, GenericRecord> rows, Map<String, GenericRecord> expected) {
    List<String> different =
        CellColumns.repeatable().stream()
            .filter(
                column ->
                    expected.entrySet().stream()
                        .anyMatch(
                            row ->
                                !rows.containsKey(row.getKey())
                                    || !Objects.equals(
                                        String.valueOf(row.getValue().get(column)),
                                        String.valueOf(rows.get(row.getKey()).get(column)))))
            .toList();
    report.claim(
        rows.keySet().equals(expected.keySet()) && different.isEmpty(),
        "%s: equal rows %s",
        where,
        different);
  }

  private static ResultsReader reader(Location results) {
    return ResultsReader.open(results, List.of(CellColumns.TABLE, Attempts.TABLE));
  }

  /** From the beginning of the first attempt to the end of the last. */
  private static double seconds(Location results) {
    double first = Double.MAX_VALUE;
    double last = 0;
    for (GenericRecord attempt : reader(results).rows(Attempts.TABLE)) {
      double from = ((Number) attempt.get("started_at")).doubleValue() * 1e-6;
      first = Math.min(first, from);
      last = Math.max(last, from + ((Number) attempt.get("seconds")).doubleValue());
    }
    return last - first;
  }

  private static Map<String, GenericRecord> rows(Location results) {
    Map<String, GenericRecord> rows = new TreeMap<>();
    reader(results)
        .rows(CellColumns.TABLE)
        .forEach(row -> rows.put(row.get("key").toString(), row));
    return rows;
  }
}
