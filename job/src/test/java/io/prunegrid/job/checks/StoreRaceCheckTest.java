package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(240)
class StoreRaceCheckTest {
  @Test
  void racingPublishersOnFailingFileSystemsAgreeOnEveryKey() throws Exception {
    Report report = new Report(System.out);
    StoreRaceCheck.check(StoreRaceCheck.Settings.SHORT, report);
    assertThat(report.violations()).isEmpty();
  }
}
