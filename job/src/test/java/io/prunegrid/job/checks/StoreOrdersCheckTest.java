package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(240)
class StoreOrdersCheckTest {
  @Test
  void twoWritersKeepTheContractInEveryOrderOnAFileSystemThatFails() throws Exception {
    Report report = new Report(System.out);
    StoreOrdersCheck.check(StoreOrdersCheck.Settings.SHORT, report);
    assertThat(report.violations()).isEmpty();
  }
}
