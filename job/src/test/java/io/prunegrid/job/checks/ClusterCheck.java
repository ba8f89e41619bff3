package io.prunegrid.job.checks;

import io.prunegrid.job.checks.StandaloneSpark.Shape;
import io.prunegrid.job.cli.Main;
import io.prunegrid.job.cli.Submissions;
import io.prunegrid.job.spark.Submission;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;

/**
 * A sweep on a real cluster, with results and store on a real HDFS, leaves the rows of local mode,
 * whether its driver is here or on a worker.
 */
final class ClusterCheck {
  private static final List<String> SLOTS = List.of("--set", "slots=2");

  private final Report report;
  private final Path folder;
  private final Path sweep;

  /** Starts a run on a cluster. */
  @FunctionalInterface
  interface Starter {
    /** The command for these arguments of the program. */
    List<String> command(List<String> arguments) throws Exception;
  }

  private ClusterCheck(Report report, Path folder, Path sweep) {
    this.report = report;
    this.folder = folder;
    this.sweep = sweep;
  }

  public static void main(String[] arguments) {
    Path home = StandaloneSpark.home();
    Path sweep =
        arguments.length > 0
            ? Path.of(arguments[0]).toAbsolutePath()
            : home.resolve("sweeps/cifar10-resnet20.conf");
    Report.main(
        "cluster",
        report -> {
          Path folder = Files.createTempDirectory("prunegrid-cluster");
          report.figure("folder", folder);
          Starter script =
              words -> {
                List<String> command = new ArrayList<>();
                command.add(home.resolve("scripts/prunegrid").toString());
                command.addAll(words);
                return command;
              };
          new ClusterCheck(report, folder, sweep).check(script, spark -> script);
        });
  }

  /** The short form, which needs no jars of this program. */
  static void check(Report report, Path folder, Path sweep) throws Exception {
    new ClusterCheck(report, folder, sweep)
        .check(
            words ->
                SweepProcess.command(
                    SweepProcess.Settings.in(folder), Main.class, words.toArray(String[]::new)),
            spark -> {
              Submission submission = ApplicationJar.submission(folder, spark);
              return words -> Submissions.command(submission, words);
            });
  }

  /** What starts runs on a cluster. */
  @FunctionalInterface
  private interface Launch {
    Starter on(StandaloneSpark spark) throws Exception;
  }

  private void check(Starter here, Launch launch) throws Exception {
    Location local = Location.of(folder.resolve("local"));
    start("local", here, List.of("run", sweep.toString(), "--results", local.toString()), Map.of());
    Map<String, GenericRecord> expected = rows(local);
    report.figure("cells", expected.size());
    Shape shape = Shape.of(2, 2).withMemory("3g").with("DJL_CACHE_DIR", "{folder}/natives");
    try (MiniHdfs hdfs = MiniHdfs.start(folder.resolve("hdfs"));
        StandaloneSpark spark = StandaloneSpark.start(folder.resolve("spark"), shape)) {
      Starter starter = launch.on(spark);
      report.figure("natives of the workers before", cached(spark));
      run("client", hdfs, spark, starter, expected, List.of());
      report.figure("natives of the workers after", cached(spark));
      report.claim(
          cached(spark).stream().allMatch(bytes -> bytes > 0),
          "each worker filled a cache of natives of its own from empty");
      figureOfWhatTravels(spark);

      Path shared = Files.createDirectories(folder.resolve("natives"));
      run(
          "cluster",
          hdfs,
          spark,
          starter,
          expected,
          List.of(
              "--deploy-mode",
              "cluster",
              "--spark-conf",
              "spark.executorEnv.DJL_CACHE_DIR=" + shared));
      report.figure("natives in the common cache", bytes(shared));
      report.claim(bytes(shared) > 0, "two executors filled one cache of natives from empty");
    }
  }

  private Path workingFolder() throws IOException {
    return Files.createDirectories(folder.resolve("work"));
  }

  private void run(
      String mode,
      MiniHdfs hdfs,
      StandaloneSpark spark,
      Starter starter,
      Map<String, GenericRecord> expected,
      List<String> more)
      throws Exception {
    Location results = Location.of(hdfs.uri() + "/results/" + mode);
    List<String> words =
        new ArrayList<>(List.of("run", sweep.toString(), "--master", spark.master()));
    words.addAll(List.of("--results", results.toString()));
    words.addAll(List.of("--store", hdfs.uri() + "/store/" + mode));
    words.addAll(SLOTS);
    words.addAll(more);
    start(mode, starter, words, spark.environment());
    Map<String, GenericRecord> rows = rows(results);
    report.claim(
        rows.keySet().equals(expected.keySet()),
        "%s mode leaves one row for each of the %d cells of local mode",
        mode,
        expected.size());
    report.claim(
        different(rows, expected).isEmpty(),
        "%s mode: all %d columns that may not differ are those of local mode %s",
        mode,
        CellColumns.repeatable().size(),
        different(rows, expected));
    Set<String> places = new TreeSet<>();
    reader(results)
        .rows(Attempts.TABLE)
        .forEach(attempt -> places.add(attempt.get("place").toString()));
    report.claim(places.size() == 2, "%s mode: both executors worked: %s", mode, places);
  }

  private void start(
      String mode, Starter starter, List<String> words, Map<String, String> environment)
      throws Exception {
    long from = System.nanoTime();
    Path output = folder.resolve(mode + ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(starter.command(words))
            .directory(workingFolder().toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("PRUNEGRID_SHARED", Folders.shared().toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    boolean ended = process.waitFor(60, TimeUnit.MINUTES);
    process.destroyForcibly();
    String said = Files.readString(output);
    report.figure(
        mode + " mode: seconds", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - from));
    report.claim(
        ended && process.exitValue() == 0,
        "%s mode ends with 0%s",
        mode,
        ended && process.exitValue() == 0 ? "" : ": " + tail(said));
    String results = words.get(words.indexOf("--results") + 1);
    report.claim(
        said.contains("results: " + results), "%s mode: the summary is printed here", mode);
  }

  private static List<String> different(
      Map<String, GenericRecord> rows, Map<String, GenericRecord> expected) {
    return CellColumns.repeatable().stream()
        .filter(
            column ->
                rows.entrySet().stream()
                    .anyMatch(
                        row ->
                            expected.containsKey(row.getKey())
                                && !Objects.equals(
                                    String.valueOf(row.getValue().get(column)),
                                    String.valueOf(expected.get(row.getKey()).get(column)))))
        .toList();
  }

  private static ResultsReader reader(Location results) {
    return ResultsReader.open(results, List.of(CellColumns.TABLE, Attempts.TABLE));
  }

  private static Map<String, GenericRecord> rows(Location results) {
    Map<String, GenericRecord> rows = new TreeMap<>();
    for (GenericRecord row : reader(results).rows(CellColumns.TABLE)) {
      if (rows.put(row.get("key").toString(), row) != null) {
        throw new IllegalStateException("two rows of " + row.get("key"));
      }
    }
    return rows;
  }

  /** Bytes in each worker's cache of native libraries. */
  private static List<Long> cached(StandaloneSpark spark) throws IOException {
    return List.of(
        bytes(spark.workerFolder(0).resolve("natives")),
        bytes(spark.workerFolder(1).resolve("natives")));
  }

  private static long bytes(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private void figureOfWhatTravels(StandaloneSpark spark) throws IOException {
    try (Stream<Path> files = Files.walk(spark.workerFolder(0).resolve("work"))) {
      List<Path> jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
      long bytes = jars.stream().mapToLong(jar -> jar.toFile().length()).sum();
      report.figure("copied to an executor", jars.size() + " jars, " + bytes + " bytes");
      report.claim(
          bytes < 20_000_000
              && jars.stream().noneMatch(jar -> jar.toString().contains("native-cpu")),
          "no native library is copied to executors, and less than 20 MB in all");
    }
  }

  private static String tail(String text) {
    return text.length() <= 2000 ? text : "..." + text.substring(text.length() - 2000);
  }
}
