package io.prunegrid.job.cli;

import io.prunegrid.job.spark.Submission;
import java.util.List;
import picocli.CommandLine;

/** The launcher's answer, for tests outside of its package. */
public final class Submissions {
  private Submissions() {}

  /** The command that these arguments of the program become. */
  public static List<String> command(Submission submission, List<String> arguments) {
    CommandLine.ParseResult parsed =
        Main.commandLine().parseArgs(arguments.toArray(String[]::new)).subcommand();
    return Launcher.command(submission, (RunCommand) parsed.commandSpec().userObject(), parsed);
  }
}
