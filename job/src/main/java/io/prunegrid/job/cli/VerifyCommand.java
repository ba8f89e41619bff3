package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.ResultsCheck;
import io.prunegrid.job.store.disk.Location;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prunegrid verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description =
        "Reads every row of a results folder, and names each file that is damaged and each key that has two rows.",
    footer = {"", "Example:  prunegrid verify results/quickstart"})
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RESULTS", description = "A results folder.")
  private String results;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    ResultsCheck check = ResultsCheck.of(Location.of(results), RunCommand.TABLES);
    RunCommand.TABLES.forEach(
        table -> out.printf("%-12s %,d rows%n", table.name(), check.rows().get(table.name())));
    out.flush();
    if (!check.problems().isEmpty()) {
      throw new BadInput(check.problems());
    }
    out.println("everything is whole");
    out.flush();
    return 0;
  }
}
