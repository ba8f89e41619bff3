package io.prunegrid.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.prunegrid.job.cli.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real sweep, run by real processes: again, differently, and killed. */
@Timeout(400)
class RepeatedSweepTest {
  private static final int CELLS = 24;

  /** Those of magnitude: their model folders hold masks and what these hide, too. */
  private static final int MASKED = 8;

  private static final String SWEEP =
      """
      sweep {
        name = small
        data = fashion
        seeds = [0, 1]
        keep-models = true
        train   { epochs = 1, lr = 0.05, momentum = 0.9, batch = 64, samples = 640 }
        retrain { epochs = 1, lr = 0.01, momentum = 0.9, batch = 64, samples = 256 }
        models  = [small-cnn]
        subsets = [all, { name = tops, classes = [2, 0, 6] }]
        methods = [{ name = taylor, samples = 64 }, random, magnitude]
        ratios  = [0.3, 0.7]
      }
      """;

  @TempDir private static Path folder;

  private static CellsTable undisturbed;
  private static Program.Outcome first;

  @BeforeAll
  static void runItOnce() throws IOException {
    Files.writeString(folder.resolve("small.conf"), SWEEP);
    undisturbed = new CellsTable(folder.resolve("undisturbed"));
    first = run("undisturbed", "--set", "slots=2");
  }

  private static Program.Outcome run(String results, String... more) {
    Program.Outcome outcome = start(results, more).finish();
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).endsWith("results: " + results + System.lineSeparator());
    return outcome;
  }

  private static Program start(String results, String... more) {
    List<String> arguments = new ArrayList<>(List.of("run", "small.conf", "--results", results));
    arguments.addAll(List.of(more));
    return Program.start(folder, arguments.toArray(String[]::new));
  }

  private static void assertEqualRowsAndModels(CellsTable results) {
    assertThat(results.count()).isEqualTo(CELLS);
    assertThat(results.keys()).isEqualTo(CELLS);
    assertThat(undisturbed.cellsMissingFrom(results)).isZero();
    assertThat(results.columnsThatDifferFrom(undisturbed)).isEmpty();
    assertThat(results.models()).hasSize(3 * CELLS + 2 * MASKED).isEqualTo(undisturbed.models());
  }

  @Test
  void aSweepLeavesAsManyRowsAsItsPlanSays() {
    assertThat(Shell.run("plan", folder + "/small.conf", "--results", folder + "/unborn").out())
        .contains("= 24 cells on fashion", "cells       24\n", "finished    0, missing 24")
        .contains("bases       2, of which 2 are trained", "scores      8, of which 4 see images");
    assertThat(folder.resolve("unborn")).doesNotExist();
    assertThat(undisturbed.count()).isEqualTo(CELLS);
    assertThat(undisturbed.keys()).isEqualTo(CELLS);
    assertThat(first.err()).contains("24 of 24 cells done, 0 failed").doesNotContain("WARN");
    assertThat(undisturbed.attempts())
        .filteredOn(row -> row.get("kind").equals("cell"))
        .hasSize(CELLS)
        .allMatch(row -> row.get("outcome").equals("finished"));
    assertThat(undisturbed.rows())
        .allMatch(row -> row.get("effect").equals("removed"))
        .allMatch(row -> (Long) row.get("params_after") <= (Long) row.get("params_before"))
        .allMatch(row -> row.get("model_folder").equals("models/" + row.get("key")));
  }

  @Test
  void theSameSweepAgainMakesEqualRowsAndOnlyWhatIsMissingRuns() {
    CellsTable again = new CellsTable(folder.resolve("again"));
    run("again", "--set", "slots=1", "--store", "elsewhere");
    assertEqualRowsAndModels(again);
    assertThat(folder.resolve("again/store")).doesNotExist();

    Map<String, String> files = again.parquetFiles();
    int attempts = again.attempts().size();
    Program.Outcome nothing = run("again");
    assertThat(nothing.err().lines())
        .containsExactly("all 24 cells are finished, nothing is left to run");
    assertThat(nothing.out()).isEqualTo(first.out().replace("undisturbed\n", "again\n"));
    assertThat(again.parquetFiles()).isEqualTo(files);
    assertThat(again.attempts()).hasSize(attempts);

    Program.Outcome more = run("again", "--set", "ratios=[0.3, 0.5, 0.7]", "--store", "elsewhere");
    assertThat(more.err()).contains("12 of 36 cells are missing").contains("36 of 36 cells done");
    assertThat(again.count()).isEqualTo(36);
    assertThat(again.keys()).isEqualTo(36);
    assertThat(again.columnsThatDifferFrom(undisturbed)).isEmpty();
    assertThat(again.parquetFiles()).containsAllEntriesOf(files);
    Set<String> kinds =
        again.attempts().stream()
            .skip(attempts)
            .map(row -> row.get("kind") + " " + row.get("outcome"))
            .collect(Collectors.toSet());
    assertThat(again.attempts()).hasSize(attempts + 12);
    assertThat(kinds).as("bases and scores are in the store").containsOnly("cell finished");
  }

  @Test
  void aSweepKilledAgainAndAgainEndsAsIfUndisturbed() throws Exception {
    CellsTable killed = new CellsTable(folder.resolve("killed"));
    Program.Outcome stopped =
        endedWhen(
            killed, Program::stop, table -> Files.exists(folder.resolve("killed/store/pointers")));
    assertThat(stopped.code()).as(stopped.err()).isEqualTo(143);
    assertThat(stopped.err())
        .endsWith(
            "stopped; what is finished is kept, and the same command goes on from there"
                + System.lineSeparator());
    for (int rows : List.of(CELLS / 3, CELLS - 4)) {
      Program.Outcome dead =
          endedWhen(killed, Program::kill, table -> table.exists() && table.rows().size() >= rows);
      assertThat(dead.code()).as("killed: %s", dead.err()).isEqualTo(137);
      assertThat(dead.err()).doesNotContain("stopped");
    }

    Path unfinished = Files.createDirectories(killed.results().resolve("models/.ab.17.4.tmp"));
    Files.writeString(unfinished.resolve("graph.json"), "{");
    run("killed");
    assertEqualRowsAndModels(killed);
    Shell.Outcome bySpark =
        Shell.run(
            "sql",
            killed.results().toString(),
            "--csv",
            "SELECT count(*) AS n, count(DISTINCT key) AS k, sum(correct_retrained) AS c FROM"
                + " parquet.`"
                + killed.results()
                + "/cells`");
    long correct =
        undisturbed.rows().stream().mapToLong(row -> (Long) row.get("correct_retrained")).sum();
    assertThat(bySpark.out()).as(bySpark.err()).isEqualTo("n,k,c\n24,24," + correct + "\n");
    try (var journal = Files.list(killed.results().resolve("journal"))) {
      assertThat(journal).isEmpty();
    }
  }

  private static Program.Outcome endedWhen(
      CellsTable results, Function<Program, Program.Outcome> end, Predicate<CellsTable> moment)
      throws Exception {
    Program program = start(results.results().getFileName().toString(), "--set", "slots=1");
    while (program.isRunning() && !moment.test(results)) {
      Thread.sleep(5);
    }
    Program.Outcome outcome = end.apply(program);
    assertThat(results.rows().stream().map(row -> row.get("key").toString()))
        .doesNotHaveDuplicates()
        .isSubsetOf(undisturbed.rows().stream().map(row -> row.get("key").toString()).toList());
    return outcome;
  }

  @Test
  void keptModelsGiveTheirRowsCountsInAnotherProcess() {
    List<GenericRecord> rows = undisturbed.rows();
    Path json = folder.resolve("answer.json");
    for (int i = 0; i < CELLS; i += 5) {
      GenericRecord row = rows.get(i);
      String model = "undisturbed/" + row.get("model_folder");
      JsonNode answer;
      if (i == 0) {
        Program.Outcome outcome =
            Program.run(folder, "evaluate", "--model", model, "--json", json.toString());
        assertThat(outcome.code()).as(outcome.err()).isZero();
        answer = Shell.parse(contentOf(json));
      } else {
        answer = Shell.json("evaluate", "--model", folder.resolve(model).toString());
      }
      assertThat(answer.get("n").asLong()).isEqualTo(row.get("images"));
      assertThat(answer.get("correct").asLong()).isEqualTo(row.get("correct_retrained"));
      assertThat(answer.get("top1").asDouble()).isEqualTo(row.get("top1_retrained_percent"));
      assertThat(answer.get("top5").isNull()).isEqualTo(row.get("top5_retrained_percent") == null);
      assertThat(answer.get("params").asLong()).isEqualTo(row.get("params_after"));
      assertThat(answer.get("bytes").asLong()).isEqualTo(row.get("bytes_after"));
      assertThat(answer.get("perClass").toString().replace(" ", ""))
          .isEqualTo(row.get("per_class_retrained").toString().replace(" ", ""));
    }
  }

  private static String contentOf(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
