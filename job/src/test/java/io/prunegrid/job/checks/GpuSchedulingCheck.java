package io.prunegrid.job.checks;

import io.prunegrid.job.checks.StandaloneSpark.Shape;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;

/**
 * GPUs are given out as asked, whole and in shares, by Spark on a cluster and by the slots of local
 * mode, and cells compute on what they were given.
 */
final class GpuSchedulingCheck {
  private static final Pattern DEVICE = Pattern.compile("device (gpu:\\d+) does not exist");

  private static final String SWEEP =
      """
      sweep {
        name = gpus
        data = fashion
        train { epochs = 1, samples = 64, batch = 64, lr = 0.01 }
        models = [small-cnn]
        methods = [random]
        seeds = [0, 1, 2, 3, 4, 5, 6, 7]
        ratios = [0.5]
        retries = 0
        stop-after-same-failures = 0
      }
      """;

  private final Report report;
  private final Path folder;

  private GpuSchedulingCheck(Report report, Path folder) {
    this.report = report;
    this.folder = folder;
  }

  public static void main(String[] arguments) {
    Report.main(
        "gpu-scheduling",
        report -> {
          Path folder = Files.createTempDirectory("prunegrid-gpus");
          check(report, folder, List.of("1", "0.5", "0.4", "0.25"));
        });
  }

  /** Checks these shares. */
  static void check(Report report, Path folder, List<String> shares) throws Exception {
    GpuSchedulingCheck check = new GpuSchedulingCheck(report, folder);
    Path script =
        check.script("local.sh", "echo '{\"name\": \"gpu\", \"addresses\": [\"3\", \"5\"]}'");
    for (String share : shares) {
      check.uses(
          "local mode",
          share,
          SweepProcess.Settings.in(folder.resolve("local-" + share))
              .with("-Dspark.worker.resource.gpu.discoveryScript=" + script),
          Set.of("gpu:3", "gpu:5"));
    }
    check.cellsInLocalMode(script);
    check.cluster(shares);
    check.nothingFound();
    check.realCard();
  }

  private Path script(String name, String text) throws IOException {
    Path script = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + text + "\n");
    if (!script.toFile().setExecutable(true)) {
      throw new IllegalStateException(script + " cannot be made a program");
    }
    return script;
  }

  /** Items that note what they were given. */
  private void uses(
      String where, String share, SweepProcess.Settings settings, Set<String> addresses)
      throws IOException {
    int perGpu = BigDecimal.ONE.divideToIntegralValue(new BigDecimal(share)).intValueExact();
    int items = 4 * addresses.size() * perGpu;
    Path notes = settings.folder().resolve("notes");
    SweepProcess.Outcome outcome =
        SweepProcess.start(
                settings,
                GpuRecorder.class,
                notes.toString(),
                settings.folder().resolve("results").toString(),
                share,
                String.valueOf(items),
                "64")
            .finish();
    if (outcome.code() != 0) {
      throw new IllegalStateException(outcome.err());
    }
    List<GpuRecorder.Use> uses = GpuRecorder.uses(notes);
    Map<String, List<GpuRecorder.Use>> byDevice =
        uses.stream().collect(Collectors.groupingBy(GpuRecorder.Use::device));
    Map<String, Integer> most = new TreeMap<>();
    byDevice.forEach((device, all) -> most.put(device, atOnce(all)));
    report.figure(where + ", gpus = " + share + ": items, most at once by GPU", items + " " + most);
    report.claim(uses.size() == items, "%s, gpus = %s: every item got a GPU", where, share);
    report.claim(
        most.keySet().equals(addresses),
        "%s, gpus = %s: exactly the GPUs of the discovery script are used",
        where,
        share);
    report.claim(
        most.values().stream().allMatch(n -> n <= perGpu),
        "%s, gpus = %s: never more than %d at once on a GPU",
        where,
        share,
        perGpu);
    report.claim(
        most.values().stream().anyMatch(n -> n == perGpu),
        "%s, gpus = %s: %d at once on some GPU",
        where,
        share,
        perGpu);
  }

  private static int atOnce(List<GpuRecorder.Use> uses) {
    return uses.stream()
        .mapToInt(
            one ->
                (int)
                    uses.stream()
                        .filter(other -> other.from() <= one.from() && one.from() < other.to())
                        .count())
        .max()
        .orElse(0);
  }

  /** Real cells, whose engine is told to use addresses that this machine does not have. */
  private void cellsInLocalMode(Path script) throws IOException {
    List<GenericRecord> attempts =
        cells(
            "cells",
            SweepProcess.Settings.in(folder.resolve("cells"))
                .with("-Dspark.worker.resource.gpu.discoveryScript=" + script),
            "0.5");
    Set<String> devices = new TreeSet<>();
    attempts.forEach(attempt -> devices.add(missingDevice(attempt)));
    report.figure("local mode: devices that cells asked the engine for", devices);
    report.claim(
        !devices.isEmpty() && Set.of("gpu:3", "gpu:5").containsAll(devices),
        "local mode: an address that does not exist is a failure that names it");
  }

  private List<GenericRecord> cells(String name, SweepProcess.Settings settings, String share)
      throws IOException {
    Files.createDirectories(settings.folder());
    Path sweep = Files.writeString(settings.folder().resolve("gpus.conf"), SWEEP);
    SweepProcess.Outcome outcome =
        SweepProcess.run(
            settings, "run", sweep.toString(), "--set", "gpus=" + share, "--results", "results");
    report.figure(name + ": exit code of the run", outcome.code());
    report.claim(
        outcome.code() == 3,
        "%s: the run says by its exit code that cells are missing%s",
        name,
        outcome.code() == 3 ? "" : ", but: " + outcome.err());
    return ResultsReader.open(
            Location.of(settings.folder().resolve("results")),
            List.of(CellColumns.TABLE, Attempts.TABLE))
        .rows(Attempts.TABLE)
        .stream()
        .filter(attempt -> attempt.get("outcome").equals("failed"))
        .toList();
  }

  private static String missingDevice(GenericRecord attempt) {
    Matcher device = DEVICE.matcher(String.valueOf(attempt.get("error_message")));
    return device.find() ? device.group(1) : "none: " + attempt;
  }

  /** Two workers with GPUs of their own numbers. */
  private void cluster(List<String> shares) throws Exception {
    Path script =
        script(
            "workers.sh",
            "case $PWD in */worker-1*) a='\"2\", \"4\"' ;; *) a='\"6\", \"8\"' ;; esac\n"
                + "echo \"{\\\"name\\\": \\\"gpu\\\", \\\"addresses\\\": [$a]}\"");
    try (StandaloneSpark spark =
        StandaloneSpark.start(
            folder.resolve("cluster"), Shape.of(2, 8).withMemory("2g").withGpus(2, script))) {
      for (String share : shares) {
        uses(
            "cluster",
            share,
            SweepProcess.Settings.in(folder.resolve("cluster-" + share))
                .on(spark)
                .with("-Dspark.executor.memory=512m"),
            Set.of("gpu:2", "gpu:4", "gpu:6", "gpu:8"));
      }
      List<GenericRecord> attempts =
          cells(
              "cluster",
              SweepProcess.Settings.in(folder.resolve("cluster-cells"))
                  .on(spark)
                  .with("-Dspark.executor.memory=512m"),
              "1");
      Set<String> wrong = new HashSet<>();
      Map<String, Set<String>> devices = new TreeMap<>();
      for (GenericRecord attempt : attempts) {
        String place = attempt.get("place").toString();
        String device = missingDevice(attempt);
        devices.computeIfAbsent(place, key -> new TreeSet<>()).add(device);
        if (!ofWorker(spark, place).contains(device)) {
          wrong.add(place + " " + device);
        }
      }
      report.figure("cluster: devices that cells asked the engine for, by executor", devices);
      report.claim(
          !attempts.isEmpty() && wrong.isEmpty(),
          "cluster: the engine is told to use the GPU that Spark assigned to the executor %s",
          wrong);
      report.claim(
          devices.values().stream().allMatch(each -> each.size() == 1),
          "cluster: an executor with one GPU uses that one alone");
    }
  }

  /** The GPUs of the worker that this place's executor belongs to. */
  private static Set<String> ofWorker(StandaloneSpark spark, String place) throws IOException {
    String executor = place.substring(place.lastIndexOf('/') + 1);
    List<String> newest = new ArrayList<>();
    for (int worker : IntStream.range(0, 2).toArray()) {
      try (var applications = Files.list(spark.workerFolder(worker).resolve("work"))) {
        applications
            .filter(application -> Files.isDirectory(application.resolve(executor)))
            .forEach(application -> newest.add(application.getFileName() + " " + worker));
      }
    }
    String last = newest.stream().max(String::compareTo).orElse("");
    return last.endsWith(" 0") ? Set.of("gpu:2", "gpu:4") : Set.of("gpu:6", "gpu:8");
  }

  private void nothingFound() throws IOException {
    Path none = script("none.sh", "echo 'no card' >&2; exit 1");
    Path sweep = Files.writeString(folder.resolve("gpus.conf"), SWEEP);
    SweepProcess.Outcome outcome =
        SweepProcess.run(
            SweepProcess.Settings.in(folder),
            "run",
            sweep.toString(),
            "--set",
            "gpus=1",
            "--spark-conf",
            "spark.worker.resource.gpu.discoveryScript=" + none);
    report.claim(
        outcome.code() == 2 && outcome.err().contains("finds none: no card"),
        "a discovery script that finds nothing ends the run before it begins");
  }

  private void realCard() throws Exception {
    Process process =
        new ProcessBuilder(StandaloneSpark.home().resolve("scripts/discover-gpus").toString())
            .redirectErrorStream(true)
            .start();
    String answer =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      report.figure("a real card", "no card here (" + answer + ")");
      return;
    }
    report.figure("a real card", answer);
    SweepProcess.Settings settings = SweepProcess.Settings.in(folder.resolve("card"));
    Files.createDirectories(settings.folder());
    Path sweep = Files.writeString(settings.folder().resolve("gpus.conf"), SWEEP);
    SweepProcess.Outcome outcome =
        SweepProcess.run(
            settings.with(
                "-Dprunegrid.gpu.script="
                    + StandaloneSpark.home().resolve("scripts/discover-gpus")),
            "run",
            sweep.toString(),
            "--set",
            "gpus=0.5",
            "--results",
            "results");
    report.claim(outcome.code() == 0, "on a real card every cell finishes: %s", outcome.err());
    Set<String> devices = new TreeSet<>();
    ResultsReader.open(
            Location.of(settings.folder().resolve("results")),
            List.of(CellColumns.TABLE, Attempts.TABLE))
        .rows(CellColumns.TABLE)
        .forEach(row -> devices.add(row.get("device").toString()));
    report.claim(
        !devices.isEmpty() && devices.stream().allMatch(device -> device.startsWith("gpu:")),
        "on a real card rows say which: %s",
        devices);
  }
}
