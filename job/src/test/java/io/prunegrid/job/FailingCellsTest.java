package io.prunegrid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.cli.Shell;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class FailingCellsTest {
  @TempDir Path folder;

  private Shell.Outcome run(String sweep) throws IOException {
    Path file = Files.writeString(folder.resolve("f.conf"), sweep);
    return Shell.run("run", file.toString(), "--results", folder.resolve("results").toString());
  }

  private CellsTable results() {
    return new CellsTable(folder.resolve("results"));
  }

  @Test
  void whatDivergesIsAnAttemptWithItsReasonAndItsNeighboursFinish() throws IOException {
    Shell.Outcome outcome =
        run(
            """
            sweep {
              data = fashion
              train   { epochs = 1, lr = 0.05, batch = 64, samples = 256 }
              retrain { epochs = 1, lr = 0.01, batch = 64, samples = 128 }
              models  = [small-cnn]
              methods = [random]
              ratios  = [0.3]
              grids {
                calm {}
                wild { retrain.lr = 1e30, ratios = [0.3, 0.5] }
                lost { train.lr = 1e30, ratios = [0.3, 0.5] }
              }
            }
            """);
    assertThat(outcome.code()).isEqualTo(3);
    String diverged = "training diverged in epoch 1: the loss is NaN; a smaller lr may help";
    assertThat(outcome.errors())
        .startsWith("5 cells, and up to 4 bases, evaluations and scores that they share")
        .contains(
            "1 of 5 cells done, 4 failed",
            "failed: base of lost: small-cnn seed 0: " + diverged,
            "failed: wild: small-cnn all random 0.3 seed 0: " + diverged,
            "failed: wild: small-cnn all random 0.5 seed 0: " + diverged,
            "2 cells not tried, because what they need failed")
        .endsWith(
            "all reasons are in the table attempts; rerun --status failed tries these cells again")
        .hasSize(7);
    assertThat(outcome.out()).contains("random").endsWith("results: " + results().results() + "\n");

    assertThat(results().rows())
        .singleElement()
        .extracting(row -> row.get("grid"))
        .isEqualTo("calm");
    Map<Object, GenericRecord> attempts =
        results().attempts().stream()
            .filter(row -> row.get("kind").equals("cell"))
            .collect(Collectors.toMap(row -> row.get("label"), row -> row));
    assertThat(attempts).hasSize(5);
    GenericRecord failed = attempts.get("wild: small-cnn all random 0.5 seed 0");
    assertThat(failed.get("outcome")).isEqualTo("failed");
    assertThat(failed.get("error_message")).isEqualTo(diverged);
    assertThat(failed.get("error_class").toString()).endsWith("DivergedException");
    GenericRecord blocked = attempts.get("lost: small-cnn all random 0.5 seed 0");
    assertThat(blocked.get("outcome")).isEqualTo("blocked");
    assertThat(blocked.get("error_message"))
        .isEqualTo("needs base of lost: small-cnn seed 0, which failed: " + diverged);
  }

  @Test
  void whatFailedByItselfWaitsUntilItIsAskedFor() throws IOException {
    String sweep =
        """
        sweep {
          data = fashion
          train   { epochs = 1, lr = 0.05, batch = 64, samples = 256 }
          retrain { epochs = 1, lr = 0.01, batch = 64, samples = 128 }
          models  = [small-cnn]
          methods = [random]
          ratios  = [0.3, 0.6]
          grids { calm {}, wild { retrain.lr = 1e20 }, lost { train.lr = 1e20 } }
        }
        """;
    assertThat(run(sweep).code()).isEqualTo(3);
    long tried = attempts("failed");
    assertThat(tried).isEqualTo(3);

    Shell.Outcome again = run(sweep);
    assertThat(again.code()).isEqualTo(3);
    assertThat(again.errors())
        .contains(
            "4 cells failed before, or need what failed; rerun --status failed tries them again");
    assertThat(attempts("failed")).isEqualTo(tried);

    Path file = folder.resolve("f.conf");
    String results = folder.resolve("results").toString();
    Shell.Outcome plan = Shell.run("plan", file.toString(), "--results", results);
    assertThat(plan.out().lines().map(line -> line.replaceAll(" +", " ")))
        .contains(
            "finished 2, missing 0",
            "failed 4 failed before, or need what failed: rerun --status failed tries them again,"
                + " run does not");
    Shell.Outcome why =
        Shell.run("plan", file.toString(), "--results", results, "--explain", "grid=wild");
    assertThat(why.code()).isZero();
    assertThat(why.out()).contains("would not run").doesNotContain("would run:");
    Shell.Outcome other =
        Shell.run(
            "plan",
            file.toString(),
            "--results",
            results,
            "--explain",
            "grid=wild",
            "--set",
            "ratios=[0.7]");
    assertThat(other.out()).contains("would run: no row is at its place");
    Shell.Outcome rerun =
        Shell.run("rerun", "--status", "failed", file.toString(), "--results", results);
    assertThat(rerun.code()).isEqualTo(3);
    assertThat(attempts("failed")).isEqualTo(2 * tried);
    assertThat(results().rows()).hasSize(2);

    Shell.Outcome unknown = Shell.run("rerun", "--status", "faild", file.toString());
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.errors()).first().asString().contains("did you mean 'failed'?");
  }

  @Test
  void aFailedAttemptSaysItsKindItsLastLinesAndWhereItsLogIs() throws IOException {
    assertThat(
            run("""
                sweep {
                  data = fashion
                  train   { epochs = 1, lr = 0.05, batch = 64, samples = 256 }
                  retrain { epochs = 1, lr = 1e30, batch = 64, samples = 128 }
                  models = [small-cnn], methods = [random], ratios = [0.3]
                }
                """)
                .code())
        .isEqualTo(3);
    GenericRecord failed =
        results().attempts().stream()
            .filter(row -> row.get("outcome").equals("failed"))
            .findFirst()
            .orElseThrow();
    assertThat(failed.get("failure_kind")).isEqualTo("not_a_number");
    assertThat(failed.get("given_up")).isEqualTo(true);
    assertThat(failed.get("process")).isEqualTo(ProcessHandle.current().pid());
    assertThat(failed.get("last_lines").toString()).contains("at io.prunegrid.train.Trainer");
    assertThat(folder.resolve("results").resolve(failed.get("log").toString()))
        .content()
        .contains("began on ")
        .contains("DivergedException: training diverged in epoch 1")
        .contains("at io.prunegrid.job.spark.ItemAttempt");
  }

  private long attempts(String outcome) {
    return results().attempts().stream().filter(row -> row.get("outcome").equals(outcome)).count();
  }

  @Test
  void aCriterionWithoutImagesFailsItsCellsAlone() throws IOException {
    Path data = Files.createDirectories(folder.resolve("data"));
    Files.write(data.resolve("data_batch_1.bin"), records(List.of(0, 1, 2, 3, 0, 1, 2, 3)));
    Files.write(data.resolve("test_batch.bin"), records(List.of(0, 1, 2, 3, 9, 9)));
    Files.writeString(
        data.resolve("batches.meta.txt"),
        "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n");
    Shell.Outcome outcome =
        run(
            """
            sweep {
              data = "cifar10:%s"
              models  = [{ name = resnet20, weights = procedural }]
              methods = [taylor, random]
              subsets = [{ name = trucks, classes = [9] }, { name = birds, classes = [2, 3] }]
              ratios  = [0.3]
            }
            """
                .formatted(data));
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(3);
    assertThat(outcome.errors())
        .filteredOn(line -> line.startsWith("failed: "))
        .singleElement()
        .asString()
        .startsWith("failed: scores of resnet20 trucks taylor seed 0: ")
        .contains("no image");
    assertThat(results().rows().stream().map(row -> row.get("method") + " " + row.get("subset")))
        .containsExactlyInAnyOrder("random trucks", "random birds", "taylor birds");
  }

  @Test
  void aCriterionThatFailsInAPassThatItSharesFailsItsOwnCellsAlone() throws IOException {
    Shell.Outcome outcome =
        run(
            """
            sweep {
              data = fashion
              models  = [{ name = small-cnn, weights = procedural }]
              samples = 30
              methods = [tvs, activation, apoz]
              subsets = [{ name = bags, classes = [8] }, { name = pair, classes = [1, 9] }]
              ratios  = [0.3]
            }
            """);
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(3);
    assertThat(outcome.errors())
        .filteredOn(line -> line.startsWith("failed: "))
        .singleElement()
        .asString()
        .startsWith("failed: scores of small-cnn bags tvs ")
        .contains("at least 2");
    assertThat(results().rows().stream().map(row -> row.get("method") + " " + row.get("subset")))
        .containsExactlyInAnyOrder(
            "activation bags", "apoz bags", "tvs pair", "activation pair", "apoz pair");
    assertThat(
            results().attempts().stream()
                .filter(row -> !row.get("kind").equals("cell"))
                .filter(row -> (Long) row.get("images_scored") > 0)
                .map(row -> row.get("kind") + " " + row.get("outcome")))
        .containsExactlyInAnyOrder("pass finished", "pass finished", "score failed");
  }

  private static byte[] records(List<Integer> labels) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < labels.size(); i++) {
      bytes.write(labels.get(i));
      for (int pixel = 0; pixel < 3072; pixel++) {
        bytes.write((pixel * 7 + i * 31) & 0xff);
      }
    }
    return bytes.toByteArray();
  }
}
