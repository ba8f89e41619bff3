package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ExportCheckTest {
  @Test
  void prunedNetworksAreGivenToOnnxRuntimeAndTakenBack() throws Exception {
    Report report = new Report(System.out);

    ExportCheck.check(
        report,
        List.of("mobilenet_v3_small", "shufflenet_v2_x0_5", "vit_b_32"),
        OptionalInt.of(64));

    assertThat(report.violations()).isEmpty();
  }
}
