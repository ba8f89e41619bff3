package io.prunegrid.job.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.checks.MiniHdfs;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Lease;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(180)
class HdfsResultsTest {
  private static final int ROWS = 600;

  @TempDir static Path temporary;

  private static MiniHdfs hdfs;

  @BeforeAll
  static void start() throws Exception {
    hdfs = MiniHdfs.start(temporary);
  }

  @AfterAll
  static void stop() {
    hdfs.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"FRAMES_WRITTEN", "FRAMES_FORCED", "PART_FORCED", "PART_NAMED", "SEGMENT_RETIRED"})
  void aDriverThatDiesOnHdfsLosesAndDoublesNothing(Step step) throws Exception {
    Location folder = Location.of(hdfs.uri() + "/crash/" + step);
    Path output = temporary.resolve("output-" + step);
    Process child =
        ChildJvm.start(
            PublishingChild.class,
            output,
            folder.text(),
            "0",
            String.valueOf(ROWS),
            step.name(),
            "2");
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).as("halted at %s", step).isEqualTo(137);
    assertThat(numbers(folder)).doesNotHaveDuplicates().containsAll(acknowledged(output));
    finish(folder);
  }

  @Test
  void aDriverThatWasTakenForDeadWritesNothingAnyMore() throws Exception {
    Location folder = Location.of(hdfs.uri() + "/stopped");
    Path output = temporary.resolve("output-stopped");
    String many = String.valueOf(1 << 30);
    Process child =
        ChildJvm.start(
            List.of("-D" + Lease.SECONDS + "=3"),
            PublishingChild.class,
            output,
            folder.text(),
            "0",
            many);
    while (acknowledged(output).size() < 100) {
      assertThat(child.isAlive()).isTrue();
      Thread.sleep(5);
    }
    System.setProperty(Lease.SECONDS, "3");
    try {
      assertThatThrownBy(() -> ResultsFolder.open(folder, Cells.TABLES))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("process " + child.pid());
      signal("STOP", child);
      ResultsFolder successor = ResultsFolder.open(folder, Cells.TABLES);
      signal("CONT", child);
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isNotZero();
      assertThat(Files.readString(output))
          .contains("taken over by another run (process " + ProcessHandle.current().pid());
      successor.publishAndWait(Cells.row(-1));
      successor.close();
    } finally {
      System.clearProperty(Lease.SECONDS);
    }
    assertThat(numbers(folder))
        .doesNotHaveDuplicates()
        .contains(-1)
        .containsAll(acknowledged(output));
  }

  private static void signal(String name, Process process) throws Exception {
    int code =
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
            .inheritIO()
            .start()
            .waitFor();
    assertThat(code).isZero();
  }

  private static void finish(Location folder) throws IOException {
    try (ResultsFolder results = ResultsFolder.open(folder, Cells.TABLES)) {
      assertThat(results.recovery().damaged()).isEmpty();
      List<CompletableFuture<Publication>> published = new ArrayList<>();
      for (int i = 0; i < ROWS; i++) {
        if (!results.isFinished(Cells.TABLE, Cells.key(i))) {
          published.add(results.publish(List.of(Cells.row(i), PublishingChild.attempt(i))));
        }
      }
      published.forEach(CompletableFuture::join);
    }
    ResultsReader reader = ResultsReader.open(folder, Cells.TABLES);
    List<GenericRecord> rows = reader.rows(Cells.TABLE);
    assertThat(rows).hasSize(ROWS);
    assertThat(Set.copyOf(rows))
        .isEqualTo(IntStream.range(0, ROWS).mapToObj(Cells::values).collect(Collectors.toSet()));
    assertThat(reader.rows(Attempts.TABLE)).hasSize(ROWS);
    assertThat(Disk.of(folder).list(folder.resolve("journal"))).isEmpty();
    assertThat(Disk.of(folder).list(folder.resolve("cells")))
        .allMatch(file -> file.name().startsWith("part-"));
  }

  private static List<Integer> numbers(Location folder) {
    return ResultsReader.open(folder, Cells.TABLES).rows(Cells.TABLE).stream()
        .map(row -> (Integer) row.get("number"))
        .toList();
  }

  private static Set<Integer> acknowledged(Path output) throws IOException {
    if (!Files.exists(output)) {
      return Set.of();
    }
    String text = Files.readString(output);
    return text.substring(0, text.lastIndexOf('\n') + 1)
        .lines()
        .filter(line -> line.matches("\\d+"))
        .map(Integer::valueOf)
        .collect(Collectors.toSet());
  }
}
