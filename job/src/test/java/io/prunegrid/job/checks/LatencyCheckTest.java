package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LatencyCheckTest {
  /** What a busy machine may spoil is printed here and claimed by the program alone. */
  @Test
  @Timeout(120)
  void aFewMeasurementsBesideAnotherProcessStateWhatTheyKnow() throws IOException {
    Report report = new Report(System.out);

    LatencyCheck.check(
        report,
        new LatencyCheck.Settings(2, 0.5, List.of("small-cnn"), LatencyCheck.Timing.PRINTED));

    assertThat(report.violations()).isEmpty();
  }
}
