package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ClusterCheckTest {
  private static final String SWEEP =
      """
      sweep {
        name = small
        data = fashion
        train { epochs = 1, lr = 0.05, batch = 64, samples = 256 }
        retrain { epochs = 1, lr = 0.01, batch = 64, samples = 128 }
        models = [small-cnn]
        subsets = [all, { name = tops, classes = [0, 1, 2] }]
        methods = [{ name = taylor, samples = 32 }, random, magnitude]
        ratios = [0.3, 0.6]
      }
      """;

  @TempDir private Path folder;

  @Test
  @Timeout(900)
  void aClusterOnHdfsLeavesTheRowsOfLocalModeInClientAndClusterMode() throws Exception {
    Path sweep = Files.writeString(folder.resolve("small.conf"), SWEEP);
    Report report = new Report(System.out);

    ClusterCheck.check(report, folder, sweep);

    assertThat(report.violations()).isEmpty();
  }
}
