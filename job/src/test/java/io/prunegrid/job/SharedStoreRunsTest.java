package io.prunegrid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.cli.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two people run one sweep at the same time, each into results of their own, on one store. */
@Timeout(240)
class SharedStoreRunsTest {
  private static final List<String> IMAGES =
      List.of("images_trained", "images_scored", "images_evaluated");

  @TempDir Path folder;

  @Test
  void twoRunsAtTheSameTimeComputeSharedWorkOnce() throws Exception {
    Path sweep =
        Files.writeString(
            folder.resolve("s.conf"),
            """
            sweep {
              data    = fashion
              seeds   = [0, 1]
              stores  = ["%s"]
              train   { epochs = 1, lr = 0.05, batch = 64 }
              models  = [small-cnn]
              methods = [ln, { name = taylor, samples = 400 }]
              ratios  = [0.3, 0.6]
            }
            """
                .formatted(folder.resolve("store")));
    Program first = Program.start(folder, "run", sweep.toString(), "--results", "a");
    Program second = Program.start(folder, "run", sweep.toString(), "--results", "b");
    for (Program run : List.of(first, second)) {
      Program.Outcome outcome = run.finish();
      assertThat(outcome.code()).as(outcome.err()).isZero();
    }
    Map<String, Integer> computed = new TreeMap<>();
    for (String results : List.of("a", "b")) {
      for (GenericRecord attempt : new CellsTable(folder.resolve(results)).attempts()) {
        long images = IMAGES.stream().mapToLong(column -> (Long) attempt.get(column)).sum();
        if (!attempt.get("kind").toString().equals("cell") && images > 0) {
          computed.merge(attempt.get("kind") + " " + attempt.get("key"), 1, Integer::sum);
        }
      }
    }
    assertThat(computed)
        .as("bases, evaluations and scores that saw images, and how often")
        .hasSize(2 + 2 + 2)
        .allSatisfy((work, times) -> assertThat(times).isEqualTo(1));
    CellsTable a = new CellsTable(folder.resolve("a"));
    CellsTable b = new CellsTable(folder.resolve("b"));
    assertThat(a.columnsThatDifferFrom(b)).isEmpty();
    assertThat(a.cellsMissingFrom(b) + b.cellsMissingFrom(a)).isZero();
    aPlanNamesDamagedArtifactsThatItNeeds(sweep);
  }

  private void aPlanNamesDamagedArtifactsThatItNeeds(Path sweep) throws Exception {
    String[] plan = {
      "plan",
      sweep.toString(),
      "--results",
      folder.resolve("a").toString(),
      "--set",
      "sweep.ratios=[0.3, 0.6, 0.8]"
    };
    assertThat(Shell.run(plan).err()).isEmpty();
    try (Stream<Path> contents = Files.walk(folder.resolve("store/content"))) {
      for (Path content : contents.filter(Files::isRegularFile).toList()) {
        Files.writeString(content, "damage");
      }
    }
    Shell.Outcome outcome = Shell.run(plan);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.errors())
        .hasSizeGreaterThanOrEqualTo(2 + 2 + 2)
        .allMatch(line -> line.contains("is damaged") && line.contains("made again"))
        .doesNotHaveDuplicates();
  }
}
