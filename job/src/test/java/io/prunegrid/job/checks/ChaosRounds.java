package io.prunegrid.job.checks;

import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.DuckDb;
import io.prunegrid.job.store.ResultsOptions;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;

/** Starts one sweep again and again, each round in a results folder of its own, and kills it. */
final class ChaosRounds {
  static final String DRIVER_AT_RANDOM = "driver at random";
  static final String EXECUTOR_AT_RANDOM = "executor at random";

  private static final double LONGEST_SECONDS = 300;

  private final Report report;
  private final Path folder;
  private final Path sweep;
  private final Path orders;
  private final Map<String, Integer> rowsBefore = new HashMap<>();
  private Map<String, GenericRecord> expected;
  private Set<String> artifacts;

  ChaosRounds(Report report, Path folder, Path sweep) throws IOException {
    this.report = report;
    this.folder = folder;
    this.sweep = sweep;
    this.orders = Files.createDirectories(folder.resolve("orders"));
  }

  /**
   * One start that is to be disturbed.
   *
   * @param driver the step where the driver dies, and how often it reaches it before; empty: none
   * @param executors the steps where an executor dies
   * @param driverAfter seconds after its executors are there when the driver is killed
   * @param executorAfter seconds after its executors are there when one of them is killed
   */
  record Start(
      String round,
      int number,
      Map<String, Integer> driver,
      Map<String, Integer> executors,
      OptionalDouble driverAfter,
      OptionalDouble executorAfter) {

    static Start of(String round, int number) {
      return new Start(
          round, number, Map.of(), Map.of(), OptionalDouble.empty(), OptionalDouble.empty());
    }

    Start killingDriverAt(String step, int times) {
      return new Start(round, number, Map.of(step, times), executors, driverAfter, executorAfter);
    }

    Start killingExecutorAt(String step, int times) {
      Map<String, Integer> more = new LinkedHashMap<>(executors);
      more.put(step, times);
      return new Start(round, number, driver, more, driverAfter, executorAfter);
    }

    Start killingTheDriverAfter(double seconds) {
      return new Start(round, number, driver, executors, OptionalDouble.of(seconds), executorAfter);
    }

    Start killingAnExecutorAfter(double seconds) {
      return new Start(round, number, driver, executors, driverAfter, OptionalDouble.of(seconds));
    }
  }

  /** Runs the sweep alone, in local mode, for what the others should leave. */
  void undisturbed() throws IOException {
    SweepProcess.Outcome outcome =
        SweepProcess.run(
            here(), "run", sweep.toString(), "--results", folder("undisturbed").toString());
    if (outcome.code() != 0) {
      throw new IllegalStateException(outcome.err());
    }
    expected = rows("undisturbed");
    artifacts = StoreContents.keys(store("undisturbed"));
    report.figure("cells", expected.size());
    report.figure("artifacts", artifacts.size());
    report.figure("undisturbed, in local mode: seconds", Math.round(outcome.seconds()));
  }

  /**
   * Starts the sweep once and kills what is to be killed.
   *
   * @return who was killed where
   */
  List<String> disturb(StandaloneSpark spark, Start start) throws Exception {
    for (Map<String, Integer> all : List.of(start.driver(), start.executors())) {
      for (Map.Entry<String, Integer> order : all.entrySet()) {
        ChaosKiller.order(orders, order.getKey(), order.getValue());
      }
    }
    List<String> killed = new ArrayList<>();
    long from = System.nanoTime();
    SweepProcess process = start(spark, start.round(), "run");
    watch(spark, start, process, killed);
    if (process.isRunning()) {
      process.kill();
    }
    for (String step : start.driver().keySet()) {
      if (ChaosKiller.wasCarriedOut(orders, step)) {
        killed.add("driver at " + step);
      }
    }
    for (String step : start.executors().keySet()) {
      if (ChaosKiller.wasCarriedOut(orders, step)) {
        killed.add("executor at " + step);
      }
    }
    int rows = rowsAfterKill(start.round());
    report.figure(
        start.round() + ", start " + start.number(),
        String.format("%.0f s, %d rows, killed: %s", seconds(from), rows, killed));
    return killed;
  }

  private void watch(StandaloneSpark spark, Start start, SweepProcess process, List<String> killed)
      throws Exception {
    long from = System.nanoTime();
    boolean killsDriver = start.driverAfter().isPresent();
    boolean killsExecutor = start.executorAfter().isPresent();
    long there = 0;
    while (process.isRunning() && seconds(from) < LONGEST_SECONDS) {
      Thread.sleep(20);
      List<ProcessHandle> executors = spark.executors();
      if (there == 0 && !executors.isEmpty()) {
        there = System.nanoTime();
      }
      if (there == 0) {
        continue;
      }
      if (killsExecutor
          && !executors.isEmpty()
          && seconds(there) > start.executorAfter().getAsDouble()) {
        executors.get(start.number() % executors.size()).destroyForcibly();
        killed.add(EXECUTOR_AT_RANDOM);
        killsExecutor = false;
      }
      if (killsDriver && seconds(there) > start.driverAfter().getAsDouble()) {
        process.kill();
        killed.add(DRIVER_AT_RANDOM);
        killsDriver = false;
      }
    }
  }

  /** Whether a run left anything in its journal. */
  private boolean journals(String round) throws IOException {
    Path journal = folder(round).resolve("journal");
    if (!Files.isDirectory(journal)) {
      return false;
    }
    try (Stream<Path> files = Files.list(journal)) {
      return files.findAny().isPresent();
    }
  }

  /** What readers see after a kill: every row of before, and none twice. */
  private int rowsAfterKill(String round) throws IOException {
    if (!Files.isDirectory(folder(round).resolve("cells"))) {
      return 0;
    }
    int rows = rows(round).size();
    int before = rowsBefore.getOrDefault(round, 0);
    if (rows < before) {
      report.claim(false, "%s: %d of the rows of before are lost", round, before - rows);
    }
    rowsBefore.put(round, rows);
    onceInParquet(round);
    return rows;
  }

  /** Counts by another program. */
  private long onceInParquet(String round) throws IOException {
    try (Stream<Path> parts = Files.list(folder(round).resolve("cells"))) {
      if (parts.noneMatch(part -> part.toString().endsWith(".parquet"))) {
        return 0;
      }
    }
    String parts = "from '" + folder(round) + "/cells/*.parquet'";
    long rows = DuckDb.number("select count(*) " + parts);
    long keys = DuckDb.number("select count(distinct key) " + parts);
    if (rows != keys) {
      report.claim(false, "%s: %d rows of %d cells in the Parquet files", round, rows, keys);
    }
    return rows;
  }

  /** Starts the sweep for the last time and compares what it leaves. */
  void end(StandaloneSpark spark, String round, int disturbed) throws Exception {
    long from = System.nanoTime();
    SweepProcess.Outcome last = start(spark, round, "run").finish();
    String condemned = "";
    if (last.code() == 3 && condemned(round) > 0) {
      // a cell whose process was killed twice, the second time alone, looks guilty
      condemned = ", after rerun for " + condemned(round) + " whose executors were killed twice";
      last = start(spark, round, "rerun", "--status", "failed").finish();
    }
    Map<String, GenericRecord> rows = rows(round);
    Set<String> lost = new TreeSet<>(expected.keySet());
    lost.removeAll(rows.keySet());
    report.claim(
        last.code() == 0 && rows.size() == expected.size() && lost.isEmpty(),
        "%s: after %d disturbed starts the next one ends with 0 (%d): %d rows, %d lost%s%s",
        round,
        disturbed,
        last.code(),
        rows.size(),
        lost.size(),
        condemned,
        last.code() == 0 ? "" : ": " + last.err());
    report.claim(
        onceInParquet(round) == expected.size() && !journals(round),
        "%s: all rows are in the Parquet files, none twice, and the journal is empty",
        round);
    List<String> different = different(rows);
    report.claim(
        different.isEmpty(),
        "%s: all %d columns that may not differ are those of the undisturbed run %s",
        round,
        CellColumns.repeatable().size(),
        different);
    checkStore(round);
    report.figure(round + ", the end", Math.round(seconds(from)) + " s");
  }

  private List<String> different(Map<String, GenericRecord> rows) {
    return CellColumns.repeatable().stream()
        .filter(
            column ->
                rows.entrySet().stream()
                    .anyMatch(
                        row ->
                            !expected.containsKey(row.getKey())
                                || !Objects.equals(
                                    String.valueOf(row.getValue().get(column)),
                                    String.valueOf(expected.get(row.getKey()).get(column)))))
        .toList();
  }

  /** Collects what killed writers left, and looks whether anything else is there. */
  private void checkStore(String round) throws IOException {
    int left = StoreContents.unreferenced(store(round)).size();
    SweepProcess.Outcome gc =
        SweepProcess.run(here(), "store", "gc", store(round).toString(), "--older-than", "0s");
    report.figure(round + ": files that belong to no artifact", left);
    report.claim(
        gc.code() == 0 && StoreContents.unreferenced(store(round)).isEmpty(),
        "%s: store gc leaves nothing that belongs to no artifact: %s %s",
        round,
        (gc.out() + gc.err()).strip(),
        StoreContents.unreferenced(store(round)));
    report.claim(
        StoreContents.keys(store(round)).equals(artifacts),
        "%s: the store has the artifacts of the undisturbed run and no other",
        round);
  }

  private SweepProcess start(StandaloneSpark spark, String round, String... command) {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(List.of(sweep.toString(), "--results", folder(round).toString()));
    String property = "-D" + ChaosKiller.PROPERTY + "=" + orders;
    return SweepProcess.start(
        here()
            .on(spark)
            .with(
                property,
                "-D" + ResultsOptions.ROWS_PER_FILE + "=60",
                "-Dspark.executor.memory=700m",
                "-Dspark.executor.extraJavaOptions=" + property + " -XX:TieredStopAtLevel=1"),
        words.toArray(String[]::new));
  }

  private SweepProcess.Settings here() {
    return SweepProcess.Settings.in(folder.resolve("processes")).with("-XX:TieredStopAtLevel=1");
  }

  private Path folder(String round) {
    return folder.resolve(round.replace(' ', '-'));
  }

  private Path store(String round) {
    return folder(round).resolve("store");
  }

  private ResultsReader reader(String round) {
    return ResultsReader.open(
        Location.of(folder(round)), List.of(CellColumns.TABLE, Attempts.TABLE));
  }

  private Map<String, GenericRecord> rows(String round) {
    Map<String, GenericRecord> rows = new TreeMap<>();
    for (GenericRecord row : reader(round).rows(CellColumns.TABLE)) {
      if (rows.put(row.get("key").toString(), row) != null) {
        report.claim(false, "%s: cell %s has two rows", round, row.get("key"));
      }
    }
    return rows;
  }

  private long condemned(String round) {
    return reader(round).rows(Attempts.TABLE).stream()
        .filter(
            row ->
                "executor_lost".equals(String.valueOf(row.get("failure_kind")))
                    && Boolean.TRUE.equals(row.get("given_up")))
        .count();
  }

  private static double seconds(long from) {
    return (System.nanoTime() - from) * 1e-9;
  }
}
