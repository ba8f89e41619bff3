package io.prunegrid.job.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.prunegrid.job.cli.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run in a process of its own, looked at from here while it goes on, after a kill, at its end.
 */
class WatchedRunTest {
  private static final String SWEEP =
      """
      sweep {
        name = watched
        data = fashion
        seeds = [0]
        slots = 1
        train   { epochs = 1, lr = 0.05, batch = 64, samples = 320 }
        retrain { epochs = 3, lr = 0.01, batch = 64, samples = 960 }
        models  = [small-cnn]
        methods = [ln, random]
        ratios  = [0.2, 0.4, 0.6, 0.8]
      }
      """;

  @TempDir private Path folder;

  @Test
  @Timeout(240)
  void statusSaysHowFarARunIsAndWhetherItsDriverLives() throws Exception {
    Path results = folder.resolve("results");
    Files.writeString(folder.resolve("watched.conf"), SWEEP);
    assertThat(Shell.run("status", results.toString()).errors())
        .containsExactly("error: " + results + " holds no status.json: no run has begun there");

    SweepProcess process = start();
    JsonNode status = waitForACell(process, results);
    assertThat(status.get("driver_is").asText()).isEqualTo("alive");
    assertThat(status.get("state").asText()).isEqualTo("running");
    assertThat(status.get("driver").get("process").asLong()).isEqualTo(process.id());
    assertThat(status.get("cells").asInt()).isEqualTo(8);
    assertThat(status.get("running").get(0).get("label").asText()).startsWith("small-cnn all ");
    assertThat(status.get("running").get(0).get("place").asText()).contains("/driver");
    assertThat(status.get("seconds_left").asLong()).isPositive();

    process.kill();
    Shell.Outcome gone = Shell.run("status", results.toString());
    assertThat(gone.out())
        .contains("sweep watched: ", " of 8 cells done", "process " + process.id() + " on ")
        .contains(" is gone without a word; starting the run again does the rest")
        .contains("running when it was last heard of");

    SweepProcess.Outcome again = start().finish();
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("8 of 8 cells done, 0 failed");
    JsonNode ended = Shell.json("status", results.toString());
    assertThat(ended.get("driver_is").asText()).isEqualTo("ended");
    assertThat(ended.get("done").asInt()).isEqualTo(8);
    assertThat(ended.get("running")).isEmpty();
  }

  private SweepProcess start() {
    return SweepProcess.start(
        SweepProcess.Settings.in(folder), "run", "watched.conf", "--results", "results");
  }

  /** The status once a cell is done and another one runs. */
  private static JsonNode waitForACell(SweepProcess process, Path results)
      throws InterruptedException, IOException {
    while (process.isRunning()) {
      Thread.sleep(50);
      if (Files.exists(results.resolve("status.json"))) {
        JsonNode status = Shell.json("status", results.toString());
        if (status.get("done").asInt() > 0 && !status.get("running").isEmpty()) {
          return status;
        }
      }
    }
    throw new AssertionError("it ended before it was seen at work: " + process.finish().err());
  }
}
