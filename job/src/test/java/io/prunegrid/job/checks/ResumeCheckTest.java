package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.cli.Shell;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ResumeCheckTest {
  @TempDir private Path folder;

  @Test
  @Timeout(200)
  void aSweepThatIsRunAgainRunsWhatItsPlanSaysAndNothingElse() throws IOException {
    Report report = new Report(System.out);

    ResumeCheck.check(
        report, ResumeCheck.small(folder, ResumeCheckTest::shell, ResumeCheck.Change.IN_A_COPY));

    assertThat(report.violations()).isEmpty();
  }

  private static ResumeCheck.Outcome shell(String... arguments) {
    long start = System.nanoTime();
    Shell.Outcome outcome = Shell.run(arguments);
    double seconds = (System.nanoTime() - start) * 1e-9;
    return new ResumeCheck.Outcome(outcome.code(), outcome.out(), outcome.err(), seconds);
  }
}
