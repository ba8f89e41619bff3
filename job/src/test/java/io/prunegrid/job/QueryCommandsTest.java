package io.prunegrid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.cli.Shell;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One cell without a sweep file, and every way to look at it. */
@Timeout(120)
class QueryCommandsTest {
  @TempDir private static Path folder;

  private static Shell.Outcome run;

  @BeforeAll
  static void runOneCell() {
    run = Shell.run(arguments("run"));
  }

  private static String[] arguments(String command) {
    return Stream.of(
            command + " --model small-cnn --weights procedural --data fashion --method ln --ratio",
            "0.5 --subset 1,0 --seed 3 --set p=2 --scope global --results " + folder + "/one")
        .flatMap(part -> Stream.of(part.split(" ")))
        .toArray(String[]::new);
  }

  private static Shell.Outcome sql(String... more) {
    return Shell.run(
        Stream.concat(Stream.of("sql", folder + "/one"), Stream.of(more)).toArray(String[]::new));
  }

  @Test
  void oneCellWithoutASweepFileIsARow() {
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.errors())
        .containsExactly(
            "1 cell, and up to 1 bases, evaluations and scores that they share",
            "1 of 1 cell done, 0 failed");
    assertThat(run.out())
        .startsWith("small-cnn on fashion, subset 1,0 (212 images): top-1 of the unpruned network ")
        .contains("top-1 % after removal", "  ln p=2 global", "MACs left, %")
        .doesNotContain("after retraining")
        .endsWith("results: " + folder + "/one\n");
  }

  @Test
  void aTableIsAlignedAndCsvIsPlain() {
    String statement =
        "SELECT method, parameters['p'] AS p, classes, ratio, params_before AS params, removed,"
            + " top5_base_percent AS top5, model FROM cells";
    Shell.Outcome table = sql(statement);
    assertThat(table.code()).as(table.err()).isZero();
    assertThat(table.err()).isEmpty();
    assertThat(table.out().lines())
        .containsExactly(
            "method  p  classes  ratio  params  removed  top5  model",
            "ln      2  [1,0]      0.5   92962      112  null  small-cnn");
    Shell.Outcome csv = sql("--csv", statement);
    assertThat(csv.err()).isEmpty();
    assertThat(csv.out().split("\n", -1))
        .containsExactly(
            "method,p,classes,ratio,params,removed,top5,model",
            "ln,2,\"[1,0]\",0.5,92962,112,,small-cnn",
            "");
    assertThat(sql("--csv", "SELECT kind, outcome FROM attempts ORDER BY kind").out())
        .isEqualTo("kind,outcome\ncell,finished\nevaluation,finished\n");
    assertThat(sql("--csv", "SELECT map('a', 1) m, array(0.5D, 2D) l, null n").out())
        .isEqualTo("m,l,n\n\"{\"\"a\"\":1}\",\"[0.5,2.0]\",\n");
    assertThat(sql("--csv", "SELECT key FROM cells WHERE ratio > 0.9").out()).isEqualTo("key\n");
  }

  @Test
  void mistakesInAStatementAreOneLineAndExitCodeTwo() {
    for (List<String> mistake :
        List.of(
            List.of("selct 1", "selct"),
            List.of("SELECT topp1 FROM cells", "topp1"),
            List.of("SELECT * FROM sells", "sells"),
            List.of("SELECT key + 1 FROM cells", "BIGINT"))) {
      Shell.Outcome outcome = sql(mistake.get(0));
      assertThat(outcome.code()).as(mistake.get(0)).isEqualTo(2);
      assertThat(outcome.out()).isEmpty();
      assertThat(outcome.errors())
          .singleElement()
          .asString()
          .startsWith("error: ")
          .contains(mistake.get(1))
          .doesNotContain("Exception");
    }
    assertThat(Shell.run("sql", folder + "/two", "SELECT 1").errors())
        .containsExactly("error: no results folder at " + folder + "/two");
    assertThat(Shell.run("summary", folder.toString()).errors())
        .containsExactly(
            "error: "
                + folder
                + " is not a results folder: it has none of the tables cells,"
                + " attempts, measurements");
  }

  @Test
  void theSummaryIsWhatTheRunSaidAndThePlanKnowsThatNothingIsLeft() {
    Shell.Outcome summary = Shell.run("summary", folder + "/one");
    assertThat(summary.code()).isZero();
    assertThat(run.out()).isEqualTo(summary.out() + "results: " + folder + "/one\n");

    Shell.Outcome plan = Shell.run(arguments("plan"));
    assertThat(plan.code()).as(plan.err()).isZero();
    assertThat(plan.out().lines())
        .contains(
            "sweep single",
            "cells       1",
            "bases       1, of which 0 are trained",
            "scores      1, of which 0 see images",
            "finished    1, missing 0",
            "results     " + folder + "/one");
    Shell.Outcome again = Shell.run(arguments("run"));
    assertThat(again.code()).isZero();
    assertThat(again.errors()).containsExactly("the only cell is finished, nothing is left to run");
    assertThat(again.out()).isEqualTo(run.out());
  }
}
