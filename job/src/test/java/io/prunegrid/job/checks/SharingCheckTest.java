package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SharingCheckTest {
  /**
   * Validation, ratio 0, scores without images, scores of one pass, two bases: everything that the
   * counts depend on.
   */
  private static final String SWEEP =
      """
      sweep {
        name = sharing
        data = fashion
        seeds = [0, 1]
        train   { epochs = 1, lr = 0.05, batch = 64, samples = 320, validation = 0.2 }
        retrain { epochs = 1, lr = 0.01, batch = 64, samples = 101, validation = 0.1 }
        models  = [small-cnn]
        subsets = [{ name = tops, classes = [2, 0, 6] }, { name = pair, classes = [1, 9] }]
        samples-per-class = 9
        methods = [taylor, sensitivity, ln, magnitude]
        ratios  = [0, 0.4]
      }
      """;

  @TempDir private Path folder;

  @Test
  @Timeout(300)
  void aSmallSweepSharesAllThatCellsHaveInCommon() throws IOException {
    Path sweep = Files.writeString(folder.resolve("sharing.conf"), SWEEP);
    Report report = new Report(System.out);

    SharingCheck.check(
        report,
        SweepProcess.Settings.in(folder),
        new SharingCheck.Expected(32, 2, 12, 4),
        sweep.toString());

    assertThat(report.violations()).isEmpty();
  }
}
