package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ChaosCheckTest {
  @TempDir private Path folder;

  @Test
  @Timeout(900)
  void aRunWhoseDriverAndExecutorWereKilledEndsWithTheRowsOfAnUndisturbedOne() throws Exception {
    Report report = new Report(System.out);

    ChaosCheck.shortForm(report, folder);

    assertThat(report.violations()).isEmpty();
  }
}
