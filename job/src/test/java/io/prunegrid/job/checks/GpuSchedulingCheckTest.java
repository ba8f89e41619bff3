package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class GpuSchedulingCheckTest {
  @TempDir private Path folder;

  @Test
  @Timeout(900)
  void cellsComputeOnExactlyTheGpuThatTheyWereGiven() throws Exception {
    Report report = new Report(System.out);

    GpuSchedulingCheck.check(report, folder, List.of("0.5"));

    assertThat(report.violations()).isEmpty();
  }
}
