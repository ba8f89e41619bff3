package io.prunegrid.job.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.job.schedule.Policy;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.Cells;
import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.Row;
import io.prunegrid.job.store.disk.Location;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class GridSessionTest {
  private static final Map<String, Integer> RUNS = new ConcurrentHashMap<>();
  private static final AtomicInteger AT_ONCE = new AtomicInteger();
  private static final List<String> ORDER = Collections.synchronizedList(new ArrayList<>());

  @TempDir Path folder;

  /** Ours to see on the driver, because in local mode executors live in this process. */
  private static ItemRunner counting(ItemRunner runner) {
    return item -> {
      RUNS.merge(item.key(), 1, Integer::sum);
      AT_ONCE.incrementAndGet();
      try {
        return runner.run(item);
      } finally {
        AT_ONCE.decrementAndGet();
      }
    };
  }

  private static WorkItem cell(int i) {
    return new WorkItem(Cells.key(i), "cell", "cell " + i, i);
  }

  private static WorkItem shared(String kind, String name) {
    return new WorkItem(name, kind, name, (Serializable) null);
  }

  private static List<Row> rowOf(WorkItem item) {
    return item.payload() instanceof Integer i ? List.of(Cells.row(i)) : List.of();
  }

  private static Progress run(
      Work work, ItemRunner runner, ResultsFolder results, RunListener listener)
      throws InterruptedException {
    return TestGrid.session().run(work, Policy.DEFAULT, runner, results, listener);
  }

  @Test
  void everyCellLeavesExactlyItsRowAndOneAttempt() throws Exception {
    Work.Builder work = Work.builder();
    IntStream.range(0, 1000).forEach(i -> work.add(cell(i), Set.of(), "score " + i / 5, 1, 0));
    Progress progress;
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder), Cells.TABLES)) {
      progress = run(work.build(), GridSessionTest::rowOf, results, RunListener.SILENT);
      assertThat(ResultsReader.open(Location.of(folder), Cells.TABLES).rows(Cells.TABLE))
          .hasSize(1000);
    }
    assertThat(progress.of("cell")).isEqualTo(new Progress.Counts(1000, 0, 1000, 0, 0));
    ResultsReader reader = ResultsReader.open(Location.of(folder), Cells.TABLES);
    assertThat(reader.rows(Cells.TABLE))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 1000).mapToObj(Cells::values).toList());
    assertThat(reader.rows(Attempts.TABLE))
        .hasSize(1000)
        .allMatch(row -> row.get("outcome").equals("finished"));
  }

  @Test
  void workBeginsOnlyWhenWhatItNeedsHasFinished() throws Exception {
    ORDER.clear();
    Work work =
        Work.builder()
            .add(cell(1), Set.of("score a", "base"), "a", 1, 0)
            .add(cell(2), Set.of("score a", "base"), "a", 1, 0)
            .add(cell(3), Set.of("score b"), "b", 1, 0)
            .add(shared("score", "score a"), Set.of("base"), "base", 1, 0)
            .add(shared("score", "score b"), Set.of("base"), "base", 1, 0)
            .add(shared("base", "base"))
            .build();
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder), Cells.TABLES)) {
      Progress progress =
          run(
              work,
              item -> {
                ORDER.add("+" + item.label());
                List<Row> rows = rowOf(item);
                ORDER.add("-" + item.label());
                return rows;
              },
              results,
              RunListener.SILENT);
      assertThat(progress.all()).isEqualTo(new Progress.Counts(6, 0, 6, 0, 0));
    }
    List<String> order = List.copyOf(ORDER);
    assertThat(order).hasSize(12);
    assertThat(order.indexOf("-base")).isLessThan(order.indexOf("+score a"));
    assertThat(order.indexOf("-base")).isLessThan(order.indexOf("+score b"));
    assertThat(order.indexOf("-score a")).isLessThan(order.indexOf("+cell 1"));
    assertThat(order.indexOf("-score b")).isLessThan(order.indexOf("+cell 3"));
  }

  @Test
  void aCellThatThrowsIsATypedAttemptAndItsNeighboursLive() throws Exception {
    ItemRunner runner =
        item -> {
          int i = (Integer) item.payload();
          switch (i) {
            case 1 -> throw new IllegalArgumentException("no such layer");
            case 2 -> throw new OutOfMemoryError("heap");
            case 3 -> throw new IllegalStateException("shape", new RuntimeException("width"));
            default -> {
              return rowOf(item);
            }
          }
        };
    Map<String, Failure> failures = new ConcurrentHashMap<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void failed(WorkItem item, Failure failure, String log, Progress progress) {
            failures.put(item.label(), failure);
          }
        };
    Work.Builder work = Work.builder();
    IntStream.range(0, 6).forEach(i -> work.add(cell(i), Set.of(), "one", 1, 0));
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder), Cells.TABLES)) {
      Progress progress = run(work.build(), runner, results, listener);
      assertThat(progress.of("cell")).isEqualTo(new Progress.Counts(6, 0, 3, 3, 0));
    }
    ResultsReader reader = ResultsReader.open(Location.of(folder), Cells.TABLES);
    assertThat(reader.rows(Cells.TABLE))
        .extracting(row -> row.get("number"))
        .containsExactlyInAnyOrder(0, 4, 5);
    Map<Object, GenericRecord> attempts =
        reader.rows(Attempts.TABLE).stream()
            .collect(
                Collectors.toMap(row -> row.get("label"), row -> row, (first, alone) -> alone));
    assertThat(attempts).hasSize(6);
    assertThat(attempts.get("cell 2").get("error_class")).isEqualTo("java.lang.OutOfMemoryError");
    assertThat(attempts.get("cell 3").get("error_message")).isEqualTo("shape; because: width");
    assertThat(attempts.get("cell 1").get("error_at").toString()).contains("GridSessionTest");
    assertThat(attempts.get("cell 4").get("error_class")).isNull();
    assertThat(failures).containsOnlyKeys("cell 1", "cell 2", "cell 3");
  }

  @Test
  void whatNeedsFailedWorkIsBlockedAndSaysWhy() throws Exception {
    Work work =
        Work.builder()
            .add(shared("base", "bad base"))
            .add(shared("score", "score"), Set.of("bad base"), "bad base", 1, 0)
            .add(cell(1), Set.of("score"), "score", 1, 0)
            .add(cell(2), Set.of("score"), "score", 1, 0)
            .add(cell(3))
            .build();
    ItemRunner runner =
        counting(
            item -> {
              if (item.kind().equals("base")) {
                throw new ArithmeticException("loss is NaN");
              }
              return rowOf(item);
            });
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder), Cells.TABLES)) {
      Progress progress = run(work, runner, results, RunListener.SILENT);
      assertThat(progress.of("base").failed()).isEqualTo(1);
      assertThat(progress.of("score").blocked()).isEqualTo(1);
      assertThat(progress.of("cell")).isEqualTo(new Progress.Counts(3, 0, 1, 0, 2));
    }
    assertThat(RUNS).doesNotContainKey("score");
    assertThat(ResultsReader.open(Location.of(folder), Cells.TABLES).rows(Attempts.TABLE))
        .filteredOn(row -> row.get("outcome").equals("blocked"))
        .hasSize(3)
        .allMatch(row -> row.get("error_message").toString().contains("bad base"))
        .allMatch(row -> row.get("error_message").toString().contains("loss is NaN"));
  }

  @Test
  void itemsThatNeedEachOtherAreRefused() {
    Work.Builder circle =
        Work.builder()
            .add(cell(1), Set.of(Cells.key(2)), "a", 1, 0)
            .add(cell(2), Set.of(Cells.key(1)), "a", 1, 0);
    assertThatThrownBy(circle::build).hasMessageContaining("circle");
    Work.Builder unknown = Work.builder().add(cell(1), Set.of("nothing"), "a", 1, 0);
    assertThatThrownBy(unknown::build).hasMessageContaining("nothing");
  }

  @Test
  void anInterruptedRunKeepsWhatWasAcknowledgedAndStopsItsTasks() throws Exception {
    ItemRunner runner =
        counting(
            item -> {
              if ((Integer) item.payload() > 1) {
                Thread.sleep(60_000);
              }
              return rowOf(item);
            });
    Work.Builder work = Work.builder();
    IntStream.range(0, 10).forEach(i -> work.add(cell(i)));
    Thread caller = Thread.currentThread();
    RunListener interrupting =
        new RunListener() {
          @Override
          public void finished(WorkItem item, double seconds, Progress progress) {
            if (progress.all().finished() == 2) {
              caller.interrupt();
            }
          }
        };
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder), Cells.TABLES)) {
      assertThatThrownBy(() -> run(work.build(), runner, results, interrupting))
          .isInstanceOf(InterruptedException.class);
      for (int i = 0; i < 100 && AT_ONCE.get() > 0; i++) {
        Thread.sleep(50);
      }
      assertThat(AT_ONCE.get()).isZero();
    }
    assertThat(ResultsReader.open(Location.of(folder), Cells.TABLES).rows(Cells.TABLE)).hasSize(2);
  }

  @Test
  void sparkLeavesNothingInTheWorkingFolder() {
    TestGrid.session();
    for (String litter : List.of("spark-warehouse", "metastore_db", "derby.log", "artifacts")) {
      assertThat(Files.exists(Path.of(litter))).as(litter).isFalse();
    }
  }
}
