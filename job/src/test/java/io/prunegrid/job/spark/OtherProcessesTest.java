package io.prunegrid.job.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sweep whose executors are processes of their own leaves the rows of one that runs in a single
 * process.
 */
class OtherProcessesTest {
  private static final String SWEEP =
      """
      sweep {
        name = tiny
        data = fashion
        train { epochs = 1, lr = 0.05, batch = 64, samples = 256 }
        retrain { epochs = 1, lr = 0.01, batch = 64, samples = 128 }
        models = [small-cnn]
        subsets = [{ name = tops, classes = [0, 1, 2] }]
        methods = [{ name = taylor, samples = 32 }, random, magnitude]
        ratios = [0.3, 0.6]
      }
      """;

  @TempDir private Path folder;

  @Test
  void twoExecutorsLeaveTheRowsOfOneProcess() throws Exception {
    Path sweep = Files.writeString(folder.resolve("tiny.conf"), SWEEP);

    run(sweep, "alone", List.of());
    run(sweep, "together", List.of("--master", "local-cluster[2,1,1024]"));

    assertThat(rows("together")).isEqualTo(rows("alone")).hasSize(6);
    Set<String> places = new HashSet<>();
    reader("together").forEach(Attempts.TABLE, row -> places.add(row.get("place").toString()));
    assertThat(places).hasSize(2);
  }

  private void run(Path sweep, String results, List<String> more) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(java().toString(), "-Xmx1g", "-Dai.djl.offline=true"));
    command.addAll(List.of(System.getProperty("prunegrid.test.spark.options").split(" +", -1)));
    command.add("-Dspark.executor.extraClassPath=" + System.getProperty("java.class.path"));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.prunegrid.job.cli.Main", "run"));
    command.addAll(List.of(sweep.toString(), "--results", folder.resolve(results).toString()));
    command.addAll(more);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).directory(folder.toFile());
    builder.redirectOutput(folder.resolve(results + ".log").toFile());
    builder.environment().put("SPARK_HOME", sparkHome().toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = builder.start();
    boolean ended = process.waitFor(240, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertThat(ended).as(Files.readString(folder.resolve(results + ".log"))).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve(results + ".log"))).isZero();
  }

  /** What Spark starts executors from: a folder with its jars. */
  private Path sparkHome() throws IOException {
    Path home = folder.resolve("spark");
    if (!Files.exists(home)) {
      Files.createDirectories(home.resolve("jars"));
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        Path jar = Path.of(entry);
        if (entry.endsWith(".jar") && entry.contains("spark")) {
          Files.createSymbolicLink(home.resolve("jars").resolve(jar.getFileName()), jar);
        }
      }
    }
    return home;
  }

  private ResultsReader reader(String results) {
    return ResultsReader.open(
        Location.of(folder.resolve(results)), List.of(CellColumns.TABLE, Attempts.TABLE));
  }

  private Map<String, String> rows(String results) {
    Map<String, String> rows = new TreeMap<>();
    for (GenericRecord row : reader(results).rows(CellColumns.TABLE)) {
      StringBuilder text = new StringBuilder();
      CellColumns.repeatable().forEach(column -> text.append(row.get(column)).append('\n'));
      rows.put(row.get("key").toString(), text.toString());
    }
    return rows;
  }

  private static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }
}
