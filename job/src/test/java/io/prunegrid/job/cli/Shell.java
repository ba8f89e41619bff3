package io.prunegrid.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Runs the program in this process, as a terminal would. */
public final class Shell {
  private Shell() {}

  /** What a command left behind. */
  public record Outcome(int code, String out, String err) {
    public List<String> errors() {
      return err.lines().toList();
    }
  }

  public static Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = commandLine.execute(arguments);
    return new Outcome(code, out.toString(), err.toString());
  }

  /** The JSON answer of a command that is to succeed. */
  public static JsonNode json(String... arguments) {
    Outcome outcome =
        run(Stream.concat(Stream.of(arguments), Stream.of("--json", "-")).toArray(String[]::new));
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.code()).isZero();
    return parse(outcome.out());
  }

  public static JsonNode parse(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
