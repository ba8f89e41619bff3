package io.prunegrid.job.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.schedule.FailureKind;
import io.prunegrid.job.schedule.Policy;
import io.prunegrid.job.schedule.Recording;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.Cells;
import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.Row;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is decided about a run on Spark, in one process. */
@Timeout(120)
class GridRunTest {
  private static final Map<String, Integer> TRIES = new ConcurrentHashMap<>();
  private static final Policy QUICK =
      new Policy(
          2,
          2,
          Duration.ofMillis(50),
          Duration.ofSeconds(1),
          5,
          Policy.OnFailure.GO_ON,
          0,
          Duration.ofSeconds(60),
          500,
          Duration.ofSeconds(2));

  @TempDir Path folder;

  private static WorkItem cell(int i) {
    return new WorkItem(Cells.key(i), "cell", "cell " + i, i);
  }

  private Progress run(Policy policy, Work work, ItemRunner runner, RunListener listener)
      throws InterruptedException {
    try (ResultsFolder results = ResultsFolder.open(Location.of(folder), Cells.TABLES)) {
      return TestGrid.session().run(work, policy, runner, results, listener);
    }
  }

  private List<GenericRecord> attempts() {
    return ResultsReader.open(Location.of(folder), Cells.TABLES).rows(Attempts.TABLE);
  }

  private static List<Row> rowOf(WorkItem item) {
    return List.of(Cells.row((Integer) item.payload()));
  }

  @Test
  void whatTheGridIsToBlameForIsTriedAgainAndEveryTryIsAnAttempt() throws Exception {
    TRIES.clear();
    Work.Builder work = Work.builder();
    IntStream.range(0, 6).forEach(i -> work.add(cell(i), Set.of(), "one", 1, 0));
    ItemRunner runner =
        item -> {
          int i = (Integer) item.payload();
          int tries = TRIES.merge(item.key(), 1, Integer::sum);
          if ((i == 1 && tries < 3) || i == 2) {
            throw new IOException("disk full");
          }
          return rowOf(item);
        };

    Progress progress = run(QUICK, work.build(), runner, RunListener.SILENT);

    assertThat(progress.of("cell")).isEqualTo(new Progress.Counts(6, 0, 5, 1, 0));
    assertThat(TRIES).containsEntry(Cells.key(1), 3).containsEntry(Cells.key(2), 3);
    assertThat(attempts())
        .hasSize(10)
        .filteredOn(row -> row.get("outcome").equals("failed"))
        .hasSize(5)
        .allMatch(row -> row.get("failure_kind").equals("infrastructure"));
    assertRepeats();
  }

  /** Told apart from its first run, so that it may do less where others depend on it. */
  private static final class Hesitant implements ItemRunner {
    private static final long serialVersionUID = 1L;

    @Override
    public List<Row> run(WorkItem item) throws IOException {
      TRIES.merge(item.key(), 1, Integer::sum);
      if ((Integer) item.payload() == 0) {
        throw new IOException("disk full");
      }
      return rowOf(item);
    }

    @Override
    public List<Row> runAgain(WorkItem item) {
      TRIES.merge(item.key() + " again", 1, Integer::sum);
      return rowOf(item);
    }
  }

  @Test
  void aRunnerIsToldWhereAnItemWasTriedBefore() throws Exception {
    TRIES.clear();
    Work.Builder work = Work.builder();
    work.add(cell(0)).add(cell(1), Set.of(cell(0).key()), "one", 1, 0);

    Progress progress = run(QUICK, work.build(), new Hesitant(), RunListener.SILENT);

    assertThat(progress.of("cell").finished()).isEqualTo(2);
    assertThat(TRIES)
        .containsOnly(
            Map.entry(Cells.key(0), 1),
            Map.entry(Cells.key(0) + " again", 1),
            Map.entry(Cells.key(1), 1));
  }

  @Test
  void aCellThatTakesTooLongIsEndedAndItsBundleGoesOn() throws Exception {
    Work.Builder work = Work.builder();
    IntStream.range(0, 8).forEach(i -> work.add(cell(i), Set.of(), "one", 1, 1));
    ItemRunner runner =
        item -> {
          if ((Integer) item.payload() == 3) {
            Thread.sleep(60_000);
          }
          return rowOf(item);
        };
    List<Failure> failures = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void failed(WorkItem item, Failure failure, String log, Progress progress) {
            failures.add(failure);
          }
        };

    Progress progress = run(QUICK, work.build(), runner, listener);

    assertThat(progress.of("cell")).isEqualTo(new Progress.Counts(8, 0, 7, 1, 0));
    assertThat(failures).extracting(Failure::kind).containsExactly(FailureKind.TIME_LIMIT);
    assertThat(attempts())
        .filteredOn(row -> "time_limit".equals(row.get("failure_kind")))
        .singleElement()
        .matches(row -> row.get("label").equals("cell 3"));
    assertRepeats();
  }

  @Test
  void theRunStopsAtTheFirstFailureWhereItWasAskedTo() throws Exception {
    Work.Builder work = Work.builder();
    IntStream.range(0, 50).forEach(i -> work.add(cell(i)));
    List<String> reasons = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void stopped(String reason, Progress progress) {
            reasons.add(reason);
          }
        };
    ItemRunner runner =
        item -> {
          if ((Integer) item.payload() == 5) {
            throw new IllegalArgumentException("no such layer");
          }
          Thread.sleep(20);
          return rowOf(item);
        };

    Progress progress =
        run(QUICK.withOnFailure(Policy.OnFailure.STOP), work.build(), runner, listener);

    assertThat(reasons).hasSize(1);
    assertThat(progress.of("cell").failed()).isEqualTo(1);
    assertThat(progress.of("cell").settled()).isLessThan(50);
    assertRepeats();
  }

  /** Fed with the event log of the run, the scheduler decides the same. */
  private void assertRepeats() throws IOException {
    try (Stream<Path> logs = Files.list(folder.resolve(EventLog.FOLDER))) {
      List<Path> all = logs.filter(path -> path.toString().endsWith(".jsonl")).toList();
      assertThat(all).hasSize(1);
      try (Stream<String> lines = Files.lines(all.get(0))) {
        Recording recording = Recording.of(lines);
        assertThat(recording.moments()).hasSizeGreaterThan(10);
        assertThat(recording.difference()).isEmpty();
      }
    }
  }
}
