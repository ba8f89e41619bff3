package io.prunegrid.job.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.spark.Progress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TimeLeftTest {
  private static Progress left(Map<String, Double> seconds) {
    return new Progress(new TreeMap<>(), new TreeMap<>(seconds));
  }

  @Test
  void nothingIsPromisedBeforeAnythingHasEnded() {
    assertThat(new TimeLeft().seconds(left(Map.of("cell", 100.0)), List.of())).isEmpty();
  }

  @Test
  void dearItemsThatComeLastAreCountedAsDearOnes() {
    TimeLeft time = new TimeLeft();
    // 90 of 100 items were cheap and took twice as long as expected; 10 dear ones are left
    for (int i = 0; i < 90; i++) {
      time.ended("cell", 1, 2);
    }
    assertThat(time.seconds(left(Map.of("cell", 10 * 50.0)), List.of())).hasValue(1000);
  }

  @Test
  void eachKindIsCorrectedByItsOwn() {
    TimeLeft time = new TimeLeft();
    time.ended("score", 10, 40);
    time.ended("cell", 10, 5);
    time.ended("cell", 10, 5);

    assertThat(time.seconds(left(Map.of("score", 10.0, "cell", 100.0)), List.of())).hasValue(90);
    assertThat(time.seconds(left(Map.of("base", 30.0)), List.of()))
        .as("of a kind that nothing is known of: as all together")
        .hasValue(50);
  }

  @Test
  void slotsShareTheWorkButNotASingleItem() {
    TimeLeft time = new TimeLeft();
    time.ended("cell", 1, 1);
    time.busy(4);
    Progress progress = left(Map.of("cell", 100.0));
    TimeLeft.UnderWay halfDone = new TimeLeft.UnderWay("cell", 60, 30);

    assertThat(time.seconds(progress, List.of())).hasValue(25);
    assertThat(time.seconds(progress, List.of(halfDone))).hasValue(30);
    assertThat(time.seconds(left(Map.of("cell", 60.0)), List.of(halfDone))).hasValue(30);
  }

  @Test
  void whatTakesLongerThanExpectedIsNotNegative() {
    TimeLeft time = new TimeLeft();
    time.ended("cell", 1, 1);
    assertThat(
            time.seconds(left(Map.of("cell", 5.0)), List.of(new TimeLeft.UnderWay("cell", 5, 50))))
        .hasValue(0);
  }
}
