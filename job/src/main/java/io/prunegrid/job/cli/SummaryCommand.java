package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.analysis.Summary;
import io.prunegrid.job.analysis.SummaryChart;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.MeasurementColumns;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prunegrid summary}. */
@Command(
    name = "summary",
    mixinStandardHelpOptions = true,
    description =
        "Method by ratio for each model and subset: accuracy with its deviation over seeds, and the MACs that are left.",
    footer = {"", "Example:  prunegrid summary results/quickstart --picture quickstart.png"})
final class SummaryCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RESULTS", description = "A results folder.")
  private String results;

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description = "Draw it, too: a PNG of accuracy over ratio, before and after retraining.")
  private Path picture;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    ResultsReader reader = ResultsReader.open(Location.of(results), RunCommand.TABLES);
    Summary summary =
        Summary.of(reader.rows(CellColumns.TABLE), reader.rows(MeasurementColumns.TABLE));
    out.print(summary.text());
    if (picture != null) {
      try {
        SummaryChart.write(summary, picture);
      } catch (IOException e) {
        throw new BadInput("--picture " + picture + " cannot be written: " + e.getMessage(), e);
      }
      out.println("picture: " + picture);
    }
    out.flush();
    return 0;
  }
}
