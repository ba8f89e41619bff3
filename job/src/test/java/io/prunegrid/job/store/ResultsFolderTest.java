package io.prunegrid.job.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ResultsFolderTest {
  @TempDir Path temporary;

  private Path folder() {
    return temporary.resolve("a/b/results");
  }

  @Test
  void rowsComeBackAsTheyWereInTheOrderOfPublication() {
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder()), Cells.TABLES)) {
      for (int i = 0; i < 20; i++) {
        assertThat(results.publishAndWait(Cells.row(i))).isEqualTo(Publication.PUBLISHED);
      }
      assertThat(results.reader().rows(Cells.TABLE)).isEqualTo(values(0, 20));
      results.cut();
      assertThat(results.reader().rows(Cells.TABLE)).isEqualTo(values(0, 20));
      results.publishAndWait(Cells.row(20));
      assertThat(results.reader().rows(Cells.TABLE)).isEqualTo(values(0, 21));
    }
    assertThat(ResultsReader.open(Location.of(folder()), Cells.TABLES).rows(Cells.TABLE))
        .isEqualTo(values(0, 21));
    assertThat(ResultsReader.open(Location.of(folder()), Cells.TABLES).files(Cells.TABLE))
        .hasSize(2);
  }

  @Test
  void rowsThatMayWaitShareTheirWayToTheDisk() {
    CountingDisk disk = new CountingDisk();
    List<CompletableFuture<Publication>> soon = new ArrayList<>();
    try (ResultsFolder results = disk.open(Location.of(folder()), Cells.TABLES)) {
      for (int i = 0; i < 1000; i++) {
        soon.add(results.publishSoon(List.of(Cells.row(i))));
      }
      results.hurry();
      assertThat(CompletableFuture.allOf(soon.toArray(CompletableFuture[]::new)))
          .succeedsWithin(Duration.ofSeconds(30));
      assertThat(disk.byName().get("force").get()).isLessThanOrEqualTo(3);
      assertThat(disk.byName().get("append").get()).isLessThanOrEqualTo(5);
      assertThat(results.reader().rows(Cells.TABLE)).isEqualTo(values(0, 1000));

      CompletableFuture<Publication> patient = results.publishSoon(List.of(Cells.row(1000)));
      assertThat(patient).as("without company or haste").succeedsWithin(Duration.ofSeconds(30));
      assertThat(results.publishAndWait(Cells.row(1001))).isEqualTo(Publication.PUBLISHED);
    }
  }

  @Test
  void theFirstPublicationOfAKeyStaysAlsoInLaterRuns() {
    GenericRecord other = Cells.values(1);
    other.put("key", Cells.key(0));
    Row second = Row.of(Cells.TABLE, other);
    for (int run = 0; run < 3; run++) {
      try (ResultsFolder results = ResultsFolder.open(Location.of(folder()), Cells.TABLES)) {
        assertThat(results.publishAndWait(Cells.row(0)))
            .isEqualTo(run == 0 ? Publication.PUBLISHED : Publication.ALREADY_THERE);
        assertThat(results.publishAndWait(second)).isEqualTo(Publication.ALREADY_THERE);
        assertThat(results.finishedKeys(Cells.TABLE)).containsExactly(Cells.key(0));
      }
    }
    assertThat(ResultsReader.open(Location.of(folder()), Cells.TABLES).rows(Cells.TABLE))
        .isEqualTo(values(0, 1));
  }

  @Test
  void manyWritersOfTheSameKeysLeaveEachOnce() throws Exception {
    ResultsOptions small = new ResultsOptions(37, 1 << 20);
    AtomicInteger published = new AtomicInteger();
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder()), Cells.TABLES, small)) {
      Thread[] threads = new Thread[8];
      for (int t = 0; t < threads.length; t++) {
        threads[t] =
            new Thread(
                () -> {
                  for (int i = 0; i < 500; i++) {
                    if (results.publish(List.of(Cells.row(i))).join() == Publication.PUBLISHED) {
                      published.incrementAndGet();
                    }
                  }
                });
        threads[t].start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertThat(published).hasValue(500);
    assertThat(ResultsReader.open(Location.of(folder()), Cells.TABLES).rows(Cells.TABLE))
        .containsExactlyInAnyOrderElementsOf(values(0, 500));
    assertThat(DuckDb.number("select count(*) from '" + folder() + "/cells/*.parquet'"))
        .isEqualTo(500);
    assertThat(
            DuckDb.number(
                "select sum(len(per_class) + len(seeds) + channels_kept['conv.2']) from '"
                    + folder()
                    + "/cells/*.parquet'"))
        .isEqualTo(IntStream.range(0, 500).map(i -> i % 4 + 2 + 2 * i).sum());
  }

  @Test
  void aReaderSeesEveryAcknowledgedRowOnceWhileFilesAreCut() throws Exception {
    AtomicInteger acknowledged = new AtomicInteger();
    ResultsOptions small = new ResultsOptions(20, 1 << 20);
    Thread writer;
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder()), Cells.TABLES, small)) {
      writer =
          new Thread(
              () -> {
                for (int i = 0; i < 1500; i++) {
                  results.publish(List.of(Cells.row(i))).join();
                  acknowledged.set(i + 1);
                }
              });
      writer.start();
      int looks = 0;
      while (writer.isAlive() || looks == 0) {
        int atLeast = acknowledged.get();
        List<GenericRecord> rows = results.reader().rows(Cells.TABLE);
        assertThat(rows).hasSizeGreaterThanOrEqualTo(atLeast);
        assertThat(rows).extracting(row -> row.get("number")).isEqualTo(upTo(rows.size()));
        looks++;
      }
      writer.join();
    }
  }

  @Test
  void aSecondDriverIsRefusedAndToldWhoWrites() throws Exception {
    Path output = temporary.resolve("output");
    Process child =
        ChildJvm.start(
            PublishingChild.class, output, folder().toString(), "0", String.valueOf(1 << 30));
    while (!Files.exists(output) || Files.size(output) < 20) {
      assertThat(child.isAlive()).isTrue();
      Thread.sleep(5);
    }
    assertThatThrownBy(() -> ResultsFolder.open(Location.of(folder()), Cells.TABLES))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(folder().toString())
        .hasMessageContaining("process " + child.pid());
    child.destroyForcibly().waitFor();
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder()), Cells.TABLES)) {
      assertThat(results.recovery().rows() + results.finishedKeys(Cells.TABLE).size()).isPositive();
      assertThatThrownBy(() -> ResultsFolder.open(Location.of(folder()), Cells.TABLES))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid());
      results.publishAndWait(Cells.row(-1));
    }
  }

  @Test
  void filesOfAnEarlierVersionReadWithTheColumnsOfToday() throws Exception {
    Schema had = SchemaBuilder.record("Cell").fields().requiredString("key").endRecord();
    Table then = Table.keyed("cells", had, "key");
    Schema has =
        SchemaBuilder.record("Cell")
            .fields()
            .optionalDouble("top1_base_percent")
            .requiredString("key")
            .name("kept")
            .type()
            .optional()
            .array()
            .items()
            .intType()
            .endRecord();
    Table now = Table.keyed("cells", has, "key");
    ResultsFolder old = ResultsFolder.open(Location.of(folder()), List.of(then));
    old.publishAndWait(keyOnly(then, "in a file"));
    old.cut();
    old.publishAndWait(keyOnly(then, "in the journal"));
    List<GenericRecord> live = ResultsReader.open(Location.of(folder()), List.of(now)).rows(now);
    assertThat(live)
        .extracting(row -> row.get("key"))
        .containsExactly("in a file", "in the journal");
    assertThat(live).allMatch(row -> row.get("kept") == null);
    old.close();
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder()), List.of(now))) {
      GenericRecord values = new GenericData.Record(now.schema());
      values.put("key", "new");
      values.put("kept", List.of(3, 5));
      results.publishAndWait(Row.of(now, values));
      assertThat(results.publishAndWait(keyOnly(now, "in the journal")))
          .isEqualTo(Publication.ALREADY_THERE);
    }
    assertThat(ResultsReader.open(Location.of(folder()), List.of(now)).rows(now))
        .extracting(row -> row.get("kept"))
        .containsExactly(null, null, List.of(3, 5));
  }

  @Test
  void afterADiskErrorNothingIsAcknowledgedAndTheNextRunGoesOn() {
    AtomicInteger forces = new AtomicInteger();
    Step.Watcher failing =
        step -> {
          if (step == Step.FRAMES_WRITTEN && forces.incrementAndGet() > 3) {
            throw new IllegalStateException("no space left");
          }
        };
    List<CompletableFuture<Publication>> answers = new ArrayList<>();
    ResultsFolder broken =
        ResultsFolder.open(
            Disk.of(Location.of(folder())),
            Location.of(folder()),
            Cells.TABLES,
            ResultsOptions.DEFAULT,
            failing);
    for (int i = 0; i < 10; i++) {
      CompletableFuture<Publication> answer = broken.publish(List.of(Cells.row(i)));
      answers.add(answer);
      answer.handle((done, error) -> done).join();
    }
    assertThat(answers.subList(0, 3)).allMatch(answer -> !answer.isCompletedExceptionally());
    assertThat(answers.subList(3, 10)).allMatch(CompletableFuture::isCompletedExceptionally);
    assertThatThrownBy(() -> answers.get(9).join())
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("no space left");
    assertThatThrownBy(broken::close).hasMessageContaining("no space left");
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder()), Cells.TABLES)) {
      assertThat(results.finishedKeys(Cells.TABLE))
          .contains(Cells.key(0), Cells.key(1), Cells.key(2))
          .doesNotContain(Cells.key(4));
    }
  }

  @Test
  void aFolderThatCannotBeWrittenIsBadInputAndNothingIsLeft() throws Exception {
    Path file = Files.writeString(temporary.resolve("file"), "text");
    assertThat(ResultsFolder.problem(Location.of(file.resolve("results")))).isPresent();
    assertThat(ResultsFolder.problem(Location.of(folder()))).isEmpty();
    assertThatThrownBy(
            () -> ResultsFolder.open(Location.of(file.resolve("x/results")), Cells.TABLES))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("not a folder");
    Path kernel = Path.of("/proc/prunegrid-results");
    assertThatThrownBy(() -> ResultsFolder.open(Location.of(kernel), Cells.TABLES))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("/proc");
    Path taken = temporary.resolve("taken");
    Files.createDirectories(taken);
    Files.writeString(taken.resolve("cells"), "not a folder");
    assertThatThrownBy(() -> ResultsFolder.open(Location.of(taken), Cells.TABLES))
        .isInstanceOf(BadInput.class);
    assertThat(file).hasContent("text");
    try (var left = Files.list(temporary)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("file", "taken");
    }
  }

  @Test
  void aFolderThatIsNoResultsFolderSaysSo() {
    assertThatThrownBy(() -> ResultsReader.open(Location.of(folder()), Cells.TABLES))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no results folder");
    assertThatThrownBy(() -> ResultsReader.open(Location.of(temporary), Cells.TABLES))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("not a results folder");
  }

  @Test
  void aDamagedParquetFileIsNamed() throws Exception {
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder()), Cells.TABLES)) {
      results.publishAndWait(Cells.row(0));
    }
    Path part = folder().resolve("cells/part-000001.parquet");
    byte[] bytes = Files.readAllBytes(part);
    Files.write(part, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> ResultsFolder.open(Location.of(folder()), Cells.TABLES))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("part-000001.parquet");
  }

  @Test
  void aRowThatDoesNotFitItsTableNeverLeavesItsMaker() {
    GenericRecord incomplete = new GenericData.Record(Cells.TABLE.schema());
    incomplete.put("key", "k");
    assertThatThrownBy(() -> Row.of(Cells.TABLE, incomplete))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("number");
  }

  private static Row keyOnly(Table table, String key) {
    GenericRecord values = new GenericData.Record(table.schema());
    values.put("key", key);
    return Row.of(table, values);
  }

  private static List<GenericRecord> values(int from, int to) {
    return IntStream.range(from, to).mapToObj(Cells::values).toList();
  }

  private static List<Object> upTo(int end) {
    return IntStream.range(0, end).boxed().map(i -> (Object) i).toList();
  }
}
