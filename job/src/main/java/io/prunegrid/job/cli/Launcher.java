package io.prunegrid.job.cli;

import io.prunegrid.job.spark.Submission;
import io.prunegrid.job.spark.Submission.DeployMode;
import io.prunegrid.job.store.disk.Location;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Works out the command that {@code scripts/prunegrid} becomes where a run goes to a cluster: a
 * script that turns into the driver's process dies with it, and passes on its exit code.
 *
 * <p>Its words go to standard output, each with a zero behind it; where something is wrong with
 * what was asked nothing does, and the exit code is 2.
 */
public final class Launcher {
  private Launcher() {}

  /**
   * Prints the command.
   *
   * @param arguments the application's jar, the class path behind it, the folder of Spark's
   *     configuration, the driver's Java options joined by newlines, and then the program's
   *     arguments
   */
  public static void main(String[] arguments) {
    Submission submission =
        new Submission(
            Path.of(System.getenv("SPARK_HOME")),
            Path.of(arguments[0]),
            Arrays.stream(arguments[1].split(File.pathSeparator, -1)).map(Path::of).toList(),
            Path.of(arguments[2]),
            Optional.ofNullable(System.getenv("PRUNEGRID_NATIVES")),
            arguments[3].lines().toList());
    String[] rest = Arrays.copyOfRange(arguments, 4, arguments.length);
    System.exit(print(submission, rest, System.out));
  }

  private static int print(Submission submission, String[] arguments, PrintStream out) {
    CommandLine commandLine = Main.commandLine();
    ParseResult parsed;
    try {
      parsed = commandLine.parseArgs(arguments);
    } catch (ParameterException e) {
      return Failures.misused(e, arguments);
    }
    CommandLine command = parsed.asCommandLineList().get(parsed.asCommandLineList().size() - 1);
    if (!(command.getCommand() instanceof RunCommand run)) {
      throw new IllegalStateException("only run and rerun go to a cluster");
    }
    try {
      for (String word : command(submission, run, command.getParseResult())) {
        out.write((word + "\0").getBytes(StandardCharsets.UTF_8));
      }
      out.flush();
      return 0;
    } catch (Exception e) {
      return Failures.failed(e, command, parsed);
    }
  }

  /** The command that runs this on the cluster. */
  static List<String> command(Submission submission, RunCommand run, ParseResult parsed) {
    ClusterOptions cluster = run.cluster();
    Map<String, String> options = cluster.sparkOptions();
    String master = cluster.master().orElseThrow();
    List<String> arguments = new ArrayList<>(List.of(parsed.commandSpec().name()));
    for (OptionSpec option : parsed.matchedOptions()) {
      if (!ClusterOptions.NAMES.contains(option.longestName())) {
        arguments.addAll(written(option));
      }
    }
    if (cluster.isHandedOver()) {
      Location words = HandOver.place(run.results());
      arguments.addAll(run.carried());
      Map<String, String> all = new LinkedHashMap<>(options);
      all.merge(
          "spark.driver.extraJavaOptions",
          "-D" + HandOver.PROPERTY + "=" + words,
          (given, ours) -> given + " " + ours);
      return HandOver.command(
          words, submission, submission.command(master, DeployMode.CLUSTER, all, arguments));
    }
    parsed.matchedPositionals().forEach(each -> arguments.addAll(each.originalStringValues()));
    return submission.command(master, DeployMode.CLIENT, options, arguments);
  }

  private static List<String> written(OptionSpec option) {
    if (option.arity().max() == 0) {
      return List.of(option.longestName());
    }
    return option.originalStringValues().stream()
        .map(value -> option.longestName() + "=" + value)
        .toList();
  }
}
