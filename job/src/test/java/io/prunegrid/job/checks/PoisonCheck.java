package io.prunegrid.job.checks;

import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;

/**
 * One sweep with cells that throw, halt their process, hang in native code, allocate heap or native
 * memory without end, recurse without end, and whose loss is not a number: each leaves typed
 * attempts, and every other cell finishes. On executors with one slot, with two, and in one
 * process, where nothing can end a process alone.
 */
public final class PoisonCheck {
  /** Address space of an executor; the machine's memory is not ours to use up. */
  private static final long ADDRESS_SPACE = 7L << 30;

  private static final int HEAP_MEGABYTES = 600;

  private PoisonCheck() {}

  /** All three; the argument is a folder to keep results in. */
  public static void main(String[] arguments) throws IOException {
    Path folder =
        arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("poison");
    Report.main(
        "poison",
        report -> {
          onCluster(report, folder.resolve("one-slot"), new Shape(2, 1, 24, 60));
          onCluster(report, folder.resolve("two-slots"), new Shape(1, 2, 24, 60));
          inOneProcess(report, folder.resolve("one-process"), 12, 30);
        });
  }

  /**
   * A cluster and a sweep.
   *
   * @param workers each with one executor
   * @param slots of each executor
   * @param harmless cells without poison
   * @param limitSeconds the sweep's time limit
   */
  record Shape(int workers, int slots, int harmless, int limitSeconds) {}

  /** What a poisonous cell has to leave. */
  private record Expected(String grid, Set<String> kinds, int fewest, int most) {}

  /** Runs the sweep on a real cluster. */
  static void onCluster(Report report, Path folder, Shape shape) throws IOException {
    String name = shape.slots() == 1 ? "one slot an executor" : shape.slots() + " slots";
    Path java = limitedJava(Files.createDirectories(folder));
    try (StandaloneSpark cluster =
        StandaloneSpark.start(
            folder.resolve("cluster"),
            StandaloneSpark.Shape.of(shape.workers(), shape.slots()).withMemory("3g"))) {
      Path services = services(folder);
      SweepProcess.Settings settings =
          SweepProcess.Settings.in(folder)
              .on(cluster)
              .with(
                  "-Dspark.executor.extraClassPath=" + services + ":" + StandaloneSpark.classPath(),
                  "-Dspark.executorEnv.JAVA_HOME=" + java,
                  "-Dspark.executor.cores=" + shape.slots(),
                  "-Dspark.executor.memory=" + HEAP_MEGABYTES + "m",
                  "-Dspark.executor.memoryOverhead=384m",
                  "-Dspark.task.reaper.killTimeout=3s");
      Path results = folder.resolve("results");
      Path sweep = sweep(folder, shape.harmless(), shape.limitSeconds(), "halts", "native");
      SweepProcess.Outcome outcome =
          SweepProcess.run(
              settings,
              "run",
              sweep.toString(),
              "--results",
              results.toString(),
              "--master",
              cluster.master());
      int most = shape.slots() == 1 ? 1 : 3;
      verify(
          report,
          name,
          outcome,
          results,
          shape.harmless(),
          List.of(
              new Expected("throws", Set.of("cell"), 1, 1),
              new Expected("stack", Set.of("cell"), 1, 1),
              new Expected("nan", Set.of("not_a_number"), 1, 1),
              new Expected("hangs", Set.of("time_limit"), 1, most),
              new Expected("heap", Set.of("memory"), 1, most),
              new Expected("native", Set.of("memory"), 1, most),
              new Expected("halts", Set.of("executor_lost"), 2, 2 + most)));
    }
  }

  /** Runs what one process survives, two cells at a time. */
  static void inOneProcess(Report report, Path folder, int harmless, int limitSeconds)
      throws IOException {
    Path services = services(Files.createDirectories(folder));
    Path results = folder.resolve("results");
    SweepProcess.Outcome outcome =
        SweepProcess.run(
            SweepProcess.Settings.in(folder).with("-Xbootclasspath/a:" + services),
            "run",
            sweep(folder, harmless, limitSeconds).toString(),
            "--set",
            "slots=2",
            "--results",
            results.toString());
    verify(
        report,
        "one process",
        outcome,
        results,
        harmless,
        List.of(
            new Expected("throws", Set.of("cell"), 1, 1),
            new Expected("stack", Set.of("cell"), 1, 1),
            new Expected("nan", Set.of("not_a_number"), 1, 1),
            new Expected("hangs", Set.of("time_limit"), 1, 1),
            new Expected("heap", Set.of("memory"), 1, 3)));
  }

  private static void verify(
      Report report,
      String name,
      SweepProcess.Outcome outcome,
      Path results,
      int harmless,
      List<Expected> poison) {
    report.figure(name + ": seconds", Math.round(outcome.seconds()));
    report.claim(outcome.code() == 3, "%s: exit code %d: cells are missing", name, outcome.code());
    if (outcome.code() != 3) {
      report.figure(name + ": what it said", outcome.err());
    }
    ResultsReader reader =
        ResultsReader.open(Location.of(results), List.of(CellColumns.TABLE, Attempts.TABLE));
    List<GenericRecord> rows = reader.rows(CellColumns.TABLE);
    List<GenericRecord> attempts = reader.rows(Attempts.TABLE);
    Set<String> finished = new TreeSet<>();
    rows.forEach(row -> finished.add(row.get("key").toString()));
    report.claim(
        rows.size() == harmless && finished.size() == harmless,
        "%s: all %d other cells finished, once each (%d rows)",
        name,
        harmless,
        rows.size());
    report.claim(
        rows.stream().allMatch(row -> row.get("grid").toString().equals("fine")),
        "%s: no poisonous cell has a row",
        name);
    for (Expected expected : poison) {
      List<GenericRecord> tries =
          attempts.stream()
              .filter(row -> row.get("label").toString().startsWith(expected.grid() + ":"))
              .toList();
      GenericRecord last = tries.isEmpty() ? null : tries.get(tries.size() - 1);
      report.claim(
          last != null
              && last.get("outcome").toString().equals("failed")
              && expected.kinds().contains(String.valueOf(last.get("failure_kind")))
              && Boolean.TRUE.equals(last.get("given_up"))
              && tries.size() >= expected.fewest()
              && tries.size() <= expected.most(),
          "%s: '%s' is given up as %s after %d attempts: %s: %s (%s)",
          name,
          expected.grid(),
          last == null ? null : last.get("failure_kind"),
          tries.size(),
          last == null ? null : last.get("error_class"),
          last == null ? null : firstLine(last.get("error_message")),
          last == null ? null : last.get("place"));
      report.claim(
          last != null && last.get("log") != null && logIsThere(results, last),
          "%s: the log of '%s' is kept",
          name,
          expected.grid());
    }
    report.claim(
        attempts.stream()
            .filter(row -> row.get("label").toString().startsWith("fine:"))
            .filter(row -> Boolean.TRUE.equals(row.get("given_up")))
            .findAny()
            .isEmpty(),
        "%s: nobody else was given up",
        name);
    report.figure(
        name + ": attempts of neighbours that were lost",
        attempts.stream()
            .filter(row -> row.get("label").toString().startsWith("fine:"))
            .filter(row -> !row.get("outcome").toString().equals("finished"))
            .map(row -> row.get("failure_kind").toString())
            .toList());
  }

  private static boolean logIsThere(Path results, GenericRecord attempt) {
    return Files.isRegularFile(results.resolve(attempt.get("log").toString()));
  }

  private static String firstLine(Object text) {
    return String.valueOf(text).lines().findFirst().orElse("");
  }

  private static Path sweep(Path folder, int harmless, int limitSeconds, String... more)
      throws IOException {
    List<String> grids = new ArrayList<>(List.of("throws", "hangs", "heap", "stack"));
    grids.addAll(List.of(more));
    StringBuilder poison = new StringBuilder();
    for (int i = 0; i < grids.size(); i++) {
      poison
          .append("    ")
          .append(grids.get(i))
          .append(" { seeds = [")
          .append(100 + i)
          .append("] }\n");
    }
    return Files.writeString(
        folder.resolve("poison.conf"),
        """
        sweep {
          name = poison
          data = fashion
          time-limit = %ds
          stop-after-same-failures = 0
          train   { epochs = 1, lr = 0.05, batch = 64, samples = 128 }
          retrain { epochs = 1, lr = 0.01, batch = 64, samples = 128 }
          models  = [{ name = small-cnn, weights = procedural }]
          methods = [random]
          ratios  = [0.5]
          grids {
            fine { seeds = %s }
            nan { seeds = [99], retrain.lr = 1e30 }
        %s  }
        }
        """
            .formatted(limitSeconds, IntStream.rangeClosed(1, harmless).boxed().toList(), poison));
  }

  /** A folder that makes executors find the poison. */
  private static Path services(Path folder) throws IOException {
    Path services = folder.resolve("services");
    Path file = services.resolve("META-INF/services/io.prunegrid.job.spark.AttemptWatcher");
    Files.createDirectories(file.getParent());
    Files.writeString(file, PoisonWatcher.class.getName() + "\n");
    return services;
  }

  /** A Java home whose program runs the real one with little address space. */
  private static Path limitedJava(Path folder) throws IOException {
    Path home = folder.resolve("java");
    Path program = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(
        program,
        "#!/bin/sh\nexec prlimit --as="
            + ADDRESS_SPACE
            + " '"
            + Path.of(System.getProperty("java.home"), "bin", "java")
            + "' \"$@\"\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return home;
  }
}
