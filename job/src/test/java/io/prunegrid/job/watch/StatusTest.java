package io.prunegrid.job.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.schedule.FailureKind;
import io.prunegrid.job.spark.Progress;
import io.prunegrid.job.spark.WorkItem;
import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.disk.Holder;
import io.prunegrid.job.store.disk.Location;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-05-04T10:00:00Z"), ZoneOffset.UTC);

  @TempDir private Path folder;

  private static WorkItem cell(int i) {
    return new WorkItem("key" + i, "cell", "cell " + i, i);
  }

  private static Progress progress(int running, int finished, int failed) {
    return new Progress(
        new TreeMap<>(Map.of("cell", new Progress.Counts(100, running, finished, failed, 0))),
        new TreeMap<>(Map.of("cell", 10.0)));
  }

  private static RunMonitor monitor() {
    RunMonitor monitor = new RunMonitor("s", 110, 10, CLOCK);
    monitor.planned(progress(0, 0, 0));
    monitor.began(cell(1), "host/0", 1, progress(1, 0, 0));
    monitor.began(cell(2), "host/1", 1, progress(2, 0, 0));
    monitor.handedOver(cell(1), 2, progress(1, 0, 0));
    monitor.finished(cell(1), 2, progress(1, 1, 0));
    return monitor;
  }

  @Test
  void aStatusReadsBackAsItWasWritten() {
    RunMonitor monitor = monitor();
    monitor.excluded("host x", "it fails everything");
    monitor.failed(
        cell(2),
        new Failure(FailureKind.CELL, "E", "no such layer", "here", ""),
        "logs/key2.log",
        progress(0, 1, 1));
    Location results = Location.of(folder);

    StatusFile.write(results, monitor.status(7, 3));

    RunStatus read = StatusFile.read(results).orElseThrow();
    assertThat(StatusFile.json(read)).isEqualTo(StatusFile.json(monitor.status(7, 3)));
    assertThat(read.done()).isEqualTo(11);
    assertThat(read.failures())
        .containsExactly(
            new RunStatus.Failed(
                "cell", "cell 2", "key2", "no such layer", "logs/key2.log", CLOCK.instant()));
    assertThat(read.secondsLeft()).hasValue(10);
  }

  @Test
  void whatIsNoStatusIsRefusedByName() throws Exception {
    Files.writeString(folder.resolve(StatusFile.NAME), "{\"state\": \"flying\"}");
    assertThatThrownBy(() -> StatusFile.read(Location.of(folder)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(StatusFile.NAME + " is no status of a run");
    assertThat(StatusFile.read(Location.of(folder.resolve("nowhere")))).isEmpty();
  }

  @Test
  void onlySoManyFailuresAndPlacesAreKept() {
    RunMonitor monitor = monitor();
    Failure failure = new Failure(FailureKind.INFRASTRUCTURE, "E", "m", "here", "");
    for (int i = 100; i < 300; i++) {
      monitor.began(cell(i), "host/" + i, 1, progress(i, 0, 0));
      monitor.failed(cell(i + 1000), failure, "log", progress(0, 0, i));
    }
    RunStatus status = monitor.status(0, 3);
    assertThat(status.running()).hasSize(RunMonitor.MOST_RUNNING);
    assertThat(status.failures()).hasSize(RunMonitor.MOST_FAILURES);
    assertThat(status.failures().get(RunMonitor.MOST_FAILURES - 1).label()).isEqualTo("cell 1299");
    assertThat(status.failedByTheGrid()).isEqualTo(200);
  }

  @Test
  void aDriverOfAnotherMachineLivesWhileItsHeartBeats() throws Exception {
    RunStatus first = elsewhere(monitor().status(3, 3));
    List<Long> waited = new ArrayList<>();

    assertThat(
            Liveness.of(first, () -> Optional.of(elsewhere(monitor().status(4, 3))), waited::add))
        .isEqualTo(Liveness.ALIVE);
    assertThat(waited).hasSize(1);
    assertThat(Liveness.of(first, () -> Optional.of(first), waited::add)).isEqualTo(Liveness.GONE);
    assertThat(waited.stream().mapToLong(Long::longValue).sum()).isGreaterThanOrEqualTo(9000);
  }

  @Test
  void aDriverOfThisMachineIsLookedForAmongItsProcesses() throws Exception {
    RunStatus mine = monitor().status(3, 3);
    Holder me = mine.driver();
    RunStatus dead = with(mine, new Holder(me.machine(), me.process(), 1000, me.text()));

    assertThat(Liveness.of(mine, Optional::empty, millis -> {})).isEqualTo(Liveness.ALIVE);
    assertThat(Liveness.of(dead, () -> Optional.of(dead), millis -> {})).isEqualTo(Liveness.GONE);
    RunMonitor ended = monitor();
    ended.ended();
    assertThat(Liveness.of(dead, () -> Optional.of(ended.status(4, 3)), millis -> {}))
        .isEqualTo(Liveness.ENDED);
  }

  private static RunStatus elsewhere(RunStatus status) {
    return with(status, new Holder("another boot", 17, 5, "process 17 on another machine"));
  }

  private static RunStatus with(RunStatus status, Holder driver) {
    return new RunStatus(
        status.sweep(),
        driver,
        status.state(),
        status.reason(),
        status.heartbeat(),
        status.written(),
        status.everySeconds(),
        status.began(),
        status.cells(),
        status.before(),
        status.progress(),
        status.running(),
        status.failures(),
        status.failedByTheGrid(),
        status.notices(),
        status.secondsLeft());
  }
}
