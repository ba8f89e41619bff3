package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.schedule.Simulation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScaleCheckTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void everyItemEndsOnceWhateverBreaks(int slots) {
    Report report = new Report(System.out);

    ScaleCheck.simulate(report, new Simulation.Settings(40 / slots, slots, 4000, 6, 8, 1, 0), 8);

    assertThat(report.violations()).isEmpty();
  }

  @Test
  void messagesThatGetLostAllTheTimeChangeNothing() {
    Report report = new Report(System.out);

    ScaleCheck.simulate(report, new Simulation.Settings(20, 2, 4000, 0, 0, 10, 0), 4);

    assertThat(report.violations().stream().filter(text -> !text.contains("busy"))).isEmpty();
  }
}
