package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class PoisonCheckTest {
  @TempDir private Path folder;

  @Test
  @Timeout(300)
  void whateverACellDoesToItsProcessTheOthersFinish() throws IOException {
    Report report = new Report(System.out);

    PoisonCheck.onCluster(report, folder, new PoisonCheck.Shape(2, 1, 6, 10));

    assertThat(report.violations()).isEmpty();
  }
}
