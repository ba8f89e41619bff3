package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandaloneSparkTest {
  @TempDir private Path folder;

  @Test
  void workersAreProcessesThatEndWithTheCluster() {
    List<ProcessHandle> workers;
    try (StandaloneSpark spark = StandaloneSpark.start(folder, StandaloneSpark.Shape.of(2, 1))) {
      workers = spark.workers();
      assertThat(workers).hasSize(2).allMatch(ProcessHandle::isAlive);
      assertThat(spark.master()).matches("spark://127\\.0\\.0\\.1:\\d+");
      assertThat(spark.workerFolder(0)).isDirectory();
      assertThat(spark.executors()).isEmpty();
    }
    for (ProcessHandle worker : workers) {
      assertThat(worker.onExit()).succeedsWithin(Duration.ofSeconds(10));
    }
  }
}
