package io.prunegrid.job.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program {@code prunegrid}. */
@Command(
    name = "prunegrid",
    description = "Pruning experiments for neural networks, run by the thousand.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "A first sweep, no download needed:  prunegrid run sweeps/quickstart.conf",
      "What a command takes:               prunegrid COMMAND --help"
    })
public final class Main implements Runnable {
  /** Every command, in the order of the help. */
  private static final List<Supplier<Object>> COMMANDS =
      List.of(
          RunCommand::new,
          RerunCommand::new,
          PlanCommand::new,
          ListCommand::new,
          StatusCommand::new,
          SqlCommand::new,
          SummaryCommand::new,
          VerifyCommand::new,
          StoreCommand::new,
          EvaluateCommand::new,
          InferCommand::new,
          ScoreCommand::new,
          PruneCommand::new,
          RestoreCommand::new,
          ExportCommand::new,
          InspectCommand::new);

  /** How long shutting down may take. */
  private static final int SECONDS_TO_END = 20;

  @Spec private CommandSpec spec;

  Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    // Numbers are written the same everywhere, so that tools can read them.
    Locale.setDefault(Locale.ROOT);
    int code = HandOver.isOne() ? HandOver.run(() -> run(arguments)) : run(arguments);
    haltWhereNothingElseHelps(code);
    System.exit(code);
  }

  /** A cell that hangs in native code may keep the process from ending; its code stays the same. */
  private static void haltWhereNothingElseHelps(int code) {
    Thread thread =
        new Thread(
            () -> {
              try {
                TimeUnit.SECONDS.sleep(SECONDS_TO_END);
                Runtime.getRuntime().halt(code);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "end of the process");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Runs one command.
   *
   * @return 0, 2 for something wrong with what was asked, 1 for anything else that went wrong
   */
  static int run(String... arguments) {
    CommandLine commandLine = commandLine();
    try {
      return commandLine.execute(arguments);
    } catch (Error e) {
      return Failures.broken(e, commandLine.getErr());
    }
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Main());
    COMMANDS.forEach(command -> commandLine.addSubcommand(command.get()));
    for (CommandLine command : commandLine.getSubcommands().values()) {
      command
          .getCommandSpec()
          .addOption(Failures.traceOption())
          .usageMessage()
          .abbreviateSynopsis(true)
          .sortOptions(false);
    }
    commandLine
        .setUsageHelpAutoWidth(true)
        .setAbbreviatedOptionsAllowed(false)
        .setParameterExceptionHandler(Failures::misused)
        .setExecutionExceptionHandler(Failures::failed);
    return commandLine;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
