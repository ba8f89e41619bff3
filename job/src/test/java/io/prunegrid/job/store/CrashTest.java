package io.prunegrid.job.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(180)
class CrashTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @EnumSource(Step.class)
  void aDriverThatDiesAtAnyStepLosesAndDoublesNothing(Step step) throws Exception {
    int rows = 1000;
    Path folder = temporary.resolve("results");
    Path output = temporary.resolve("output");
    Process child =
        ChildJvm.start(
            PublishingChild.class,
            output,
            folder.toString(),
            "0",
            String.valueOf(rows),
            step.name(),
            String.valueOf(2));
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).as("halted at %s", step).isEqualTo(137);
    assertNothingLostOrDoubled(folder, acknowledged(output), rows);
    finish(folder, rows);
  }

  @Test
  void aDriverKilledAgainAndAgainEndsWithTheRowsOfAnUndisturbedRun() throws Exception {
    int rows = 6000;
    Path folder = temporary.resolve("results");
    Path output = temporary.resolve("output");
    SplitMix64 random = SplitMix64.stream(7, "kills");
    int killed = 0;
    for (int round = 0; round < 5; round++) {
      Process child =
          ChildJvm.start(
              PublishingChild.class, output, folder.toString(), "0", String.valueOf(rows));
      long opened = opens(output) + 1;
      while (child.isAlive() && opens(output) < opened) {
        Thread.sleep(2);
      }
      Thread.sleep(random.nextInt(400));
      if (child.destroyForcibly().waitFor() != 0) {
        killed++;
      }
      assertNothingLostOrDoubled(folder, acknowledged(output), rows);
    }
    assertThat(killed).as("rounds in which it was still at work").isGreaterThan(2);
    assertThat(acknowledged(output)).isNotEmpty();
    finish(folder, rows);
  }

  private static void finish(Path folder, int rows) throws Exception {
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder), Cells.TABLES)) {
      List<CompletableFuture<Publication>> published = new ArrayList<>();
      for (int i = 0; i < rows; i++) {
        if (!results.isFinished(Cells.TABLE, Cells.key(i))) {
          published.add(results.publish(List.of(Cells.row(i), PublishingChild.attempt(i))));
        }
      }
      published.forEach(CompletableFuture::join);
    }
    ResultsReader reader = ResultsReader.open(Location.of(folder), Cells.TABLES);
    assertThat(Set.copyOf(reader.rows(Cells.TABLE)))
        .isEqualTo(IntStream.range(0, rows).mapToObj(Cells::values).collect(Collectors.toSet()));
    assertThat(reader.rows(Attempts.TABLE)).hasSize(rows);
    assertThat(DuckDb.number("select count(*) from '" + folder + "/cells/*.parquet'"))
        .isEqualTo(rows);
    assertThat(DuckDb.number("select count(distinct key) from '" + folder + "/cells/*.parquet'"))
        .isEqualTo(rows);
    try (var journal = Files.list(folder.resolve("journal"))) {
      assertThat(journal).isEmpty();
    }
  }

  /** What a reader sees of the dead driver's folder, and again once it has been recovered. */
  private static void assertNothingLostOrDoubled(Path folder, Set<Integer> acknowledged, int most)
      throws IOException {
    assertRows(ResultsReader.open(Location.of(folder), Cells.TABLES), acknowledged, most);
    long before = ResultsReader.open(Location.of(folder), Cells.TABLES).rows(Cells.TABLE).size();
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder), Cells.TABLES)) {
      assertThat(results.recovery().damaged()).isEmpty();
      assertThat(results.finishedKeys(Cells.TABLE)).hasSize((int) before);
    }
    ResultsReader recovered = ResultsReader.open(Location.of(folder), Cells.TABLES);
    assertRows(recovered, acknowledged, most);
    assertThat(recovered.rows(Cells.TABLE)).hasSize((int) before);
    try (var hidden = Files.list(folder.resolve("cells"))) {
      assertThat(hidden).allMatch(file -> file.getFileName().toString().startsWith("part-"));
    }
  }

  private static void assertRows(ResultsReader reader, Set<Integer> acknowledged, int most) {
    List<GenericRecord> rows = reader.rows(Cells.TABLE);
    List<Integer> numbers = rows.stream().map(row -> (Integer) row.get("number")).toList();
    assertThat(numbers).doesNotHaveDuplicates().allMatch(number -> number < most);
    assertThat(numbers).containsAll(acknowledged);
    for (GenericRecord row : rows) {
      assertThat(row).isEqualTo(Cells.values((Integer) row.get("number")));
    }
    Set<Object> attempted =
        reader.rows(Attempts.TABLE).stream().map(row -> row.get("key")).collect(Collectors.toSet());
    assertThat(attempted)
        .as("a row and its attempt come together")
        .isEqualTo(rows.stream().map(row -> row.get("key")).collect(Collectors.toSet()));
  }

  private static Set<Integer> acknowledged(Path output) throws IOException {
    return Files.readString(output)
        .lines()
        .filter(line -> line.matches("\\d+"))
        .map(Integer::valueOf)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static long opens(Path output) throws IOException {
    return Files.exists(output)
        ? Files.readString(output).lines().filter("open"::equals).count()
        : 0;
  }
}
