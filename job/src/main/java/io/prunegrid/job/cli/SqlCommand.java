package io.prunegrid.job.cli;

import io.prunegrid.job.analysis.TextTable;
import io.prunegrid.job.spark.GridSession;
import io.prunegrid.job.spark.GridSettings;
import io.prunegrid.job.spark.SqlAnswer;
import io.prunegrid.job.spark.SqlSession;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prunegrid sql}. */
@Command(
    name = "sql",
    mixinStandardHelpOptions = true,
    description =
        "Asks a results folder in SQL; its tables cells and attempts are views of those names.",
    footer = {
      "",
      "For instance:  prunegrid sql results/quickstart \"SELECT method, count(*) FROM cells GROUP BY method\""
    })
final class SqlCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RESULTS", description = "A results folder.")
  private String results;

  @Parameters(index = "1", paramLabel = "STATEMENT", description = "One statement in Spark's SQL.")
  private String statement;

  @Option(names = "--csv", description = "Answer as CSV.")
  private boolean csv;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    ResultsReader reader = ResultsReader.open(Location.of(results), RunCommand.TABLES);
    try (GridSession session = GridSession.open(GridSettings.local("prunegrid sql", 2));
        SqlSession sql = session.sql(reader)) {
      SqlAnswer answer = sql.query(statement);
      TextTable table = new TextTable(answer.columns());
      answer.rows().forEachRemaining(row -> table.add(texts(row)));
      out.print(csv ? table.csv() : table.text());
      out.flush();
    }
    return 0;
  }

  private List<String> texts(List<Object> row) {
    return row.stream().map(this::text).toList();
  }

  private String text(Object value) {
    if (value == null) {
      return csv ? "" : "null";
    }
    return value instanceof Map || value instanceof List ? Answer.json(value) : value.toString();
  }
}
