package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PruneBenchTest {
  @Test
  void aNetworkIsTimed() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    PruneBench.check(
        new Report(new PrintStream(out, true, StandardCharsets.UTF_8)),
        List.of("resnet20"),
        1,
        Duration.ZERO);

    assertThat(out.toString(StandardCharsets.UTF_8))
        .containsPattern("resnet20 +\\d+\\.\\d, \\d+\\.\\d, \\d+\\.\\d, \\d+\\.\\d, \\d");
  }
}
