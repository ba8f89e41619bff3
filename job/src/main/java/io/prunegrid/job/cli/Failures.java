package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what went wrong: one line a problem, and no stack trace unless it is asked for. */
final class Failures {
  private static final String TRACE = "--verbose";

  /** Environment variable that asks for stack traces. */
  private static final String DEBUG = "PRUNEGRID_DEBUG";

  private static final int MISUSED = CommandLine.ExitCode.USAGE;
  private static final int FAILED = CommandLine.ExitCode.SOFTWARE;

  /** What a shell says of a command that Ctrl-C ended. */
  private static final int STOPPED = 130;

  private Failures() {}

  /** A command line that cannot be understood. */
  static int misused(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(
        "error: "
            + unknownCommand(command, arguments)
                .or(() -> unknownOption(command, arguments))
                .orElseGet(() -> firstLine(e) + suggestion(e)));
    err.println("see " + command.getCommandSpec().qualifiedName() + " --help");
    err.flush();
    return MISUSED;
  }

  /** A command that ended with an exception. */
  static int failed(Exception e, CommandLine command, ParseResult parsed) {
    if (e instanceof StoppedFromOutside) {
      return STOPPED;
    }
    PrintWriter err = command.getErr();
    Optional<BadInput> bad = badInput(e);
    Optional<OutOfMemoryError> memory = cause(e, OutOfMemoryError.class);
    if (memory.isPresent()) {
      return broken(memory.get(), err);
    }
    if (bad.isPresent()) {
      bad.get().problems().forEach(problem -> err.println("error: " + Names.printable(problem)));
    } else {
      err.println("error: " + summary(e));
    }
    if (wantsTrace(parsed)) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      err.print(trace);
    } else if (bad.isEmpty()) {
      err.println("set " + DEBUG + "=1 to see where it happened");
    }
    err.flush();
    return bad.isPresent() ? MISUSED : FAILED;
  }

  /** A command that ended with an error of the Java machine itself, memory above all. */
  static int broken(Error e, PrintWriter err) {
    if (e instanceof OutOfMemoryError) {
      err.println(
          "error: the memory of this process is not enough ("
              + e.getMessage()
              + "); give it more, for instance with PRUNEGRID_JAVA_OPTIONS=-Xmx4g");
    } else {
      err.println("error: " + summary(e));
    }
    if (System.getenv(DEBUG) != null) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      err.print(trace);
    }
    err.flush();
    return FAILED;
  }

  /** Bad input that another exception wraps, as some executors do. */
  private static Optional<BadInput> badInput(Throwable thrown) {
    return cause(thrown, BadInput.class);
  }

  private static <T extends Throwable> Optional<T> cause(Throwable thrown, Class<T> wanted) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < 20; depth++) {
      if (wanted.isInstance(cause)) {
        return Optional.of(wanted.cast(cause));
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }

  /** What makes a command show where something went wrong. */
  static OptionSpec traceOption() {
    return OptionSpec.builder(TRACE)
        .description("Show a stack trace where something goes wrong.")
        .build();
  }

  private static boolean wantsTrace(ParseResult parsed) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    return last.hasMatchedOption(TRACE) || System.getenv(DEBUG) != null;
  }

  private static String summary(Throwable e) {
    String message =
        e.getMessage() == null ? "" : ": " + e.getMessage().lines().findFirst().orElse("");
    return e.getClass().getSimpleName() + message;
  }

  private static Optional<String> unknownCommand(CommandLine command, String[] arguments) {
    boolean named =
        command.getParent() == null && arguments.length > 0 && !arguments[0].startsWith("-");
    Set<String> commands = command.getSubcommands().keySet();
    return named && !commands.contains(arguments[0])
        ? Optional.of(Names.unknown("command", arguments[0], commands))
        : Optional.empty();
  }

  /** A misspelled option explains a missing one, and is the better message. */
  private static Optional<String> unknownOption(CommandLine command, String[] arguments) {
    Set<String> known = command.getCommandSpec().optionsMap().keySet();
    return Arrays.stream(arguments)
        .filter(argument -> argument.startsWith("--") && argument.length() > 2)
        .map(argument -> argument.split("=", 2)[0])
        .filter(option -> !known.contains(option))
        .findFirst()
        .map(option -> "unknown option '" + option + "'" + Names.suggestion(option, known));
  }

  private static String firstLine(ParameterException e) {
    return e.getMessage().lines().findFirst().orElse("the command line cannot be understood");
  }

  private static String suggestion(ParameterException e) {
    List<String> suggestions = new ArrayList<>();
    if (e instanceof UnmatchedArgumentException unmatched) {
      suggestions.addAll(unmatched.getSuggestions());
    }
    return suggestions.isEmpty() ? "" : "; did you mean '" + suggestions.get(0) + "'?";
  }
}
