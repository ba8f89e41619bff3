package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.spark.TestGrid;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class OverheadCheckTest {
  @TempDir private Path folder;

  @Test
  @Timeout(240)
  void cellsThatDoNothingLeaveTheirRowsAndNothingInTheDriver() throws Exception {
    Report report = new Report(System.out);

    OverheadCheck.cells(report, TestGrid.session(), folder, 2_000);

    assertThat(report.violations()).isEmpty();
  }
}
