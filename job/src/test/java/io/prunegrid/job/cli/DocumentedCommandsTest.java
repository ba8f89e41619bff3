package io.prunegrid.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What the pages say that people can type is what the program takes. */
class DocumentedCommandsTest {
  private static final Path ROOT = Path.of("..");

  /** The program with something behind it, at the start or behind a prompt or variables. */
  private static final Pattern TYPED =
      Pattern.compile("^(?:\\$ )?(?:[A-Z_]+=\\S+ )*scripts/prunegrid (.+)");

  /** A word of a shell: runs of plain characters and of quoted ones. */
  private static final Pattern WORD = Pattern.compile("(?:[^\\s\"']|\"[^\"]*\"|'[^']*')+");

  @TestFactory
  Stream<DynamicTest> everyDocumentedCommandLineIsUnderstood() {
    List<Documented> commands = pages().flatMap(DocumentedCommandsTest::commands).toList();
    assertThat(commands).as("command lines in README.md and docs").hasSizeGreaterThan(15);
    return commands.stream()
        .map(
            command ->
                DynamicTest.dynamicTest(
                    command.toString(),
                    () ->
                        assertThatCode(
                                () ->
                                    Main.commandLine()
                                        .parseArgs(words(command.line()).toArray(String[]::new)))
                            .as("%s", command)
                            .doesNotThrowAnyException()));
  }

  @Test
  void everySweepFileThatThePagesRunExists() {
    List<String> missing =
        pages()
            .flatMap(DocumentedCommandsTest::commands)
            .flatMap(command -> words(command.line()).stream())
            .filter(word -> word.startsWith("sweeps/"))
            .filter(word -> !Files.isRegularFile(ROOT.resolve(word)))
            .toList();

    assertThat(missing).isEmpty();
  }

  @Test
  void theCommandsPageNamesEveryOptionOfEveryCommand() throws IOException {
    List<String> sections =
        List.of(Files.readString(ROOT.resolve("docs/commands.md")).split("\n## ", -1));
    List<String> missing = new ArrayList<>();
    Main.commandLine()
        .getSubcommands()
        .forEach(
            (name, command) -> {
              String text =
                  sections.stream()
                      .filter(
                          section ->
                              section.startsWith(name + "\n") || section.startsWith("Common"))
                      .collect(Collectors.joining());
              assertThat(sections).as("a section of %s", name).anyMatch(s -> s.startsWith(name));
              options(command)
                  .filter(option -> !text.contains("`" + option))
                  .forEach(option -> missing.add(name + " " + option));
            });

    assertThat(missing).isEmpty();
  }

  private static Stream<String> options(CommandLine command) {
    return command.getCommandSpec().options().stream()
        .filter(option -> !option.usageHelp() && !option.versionHelp() && !option.hidden())
        .map(OptionSpec::longestName);
  }

  private record Documented(String page, String line) {
    @Override
    public String toString() {
      return page + ": " + line;
    }
  }

  private static Stream<Path> pages() {
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      List<Path> pages =
          Stream.concat(Stream.of(ROOT.resolve("README.md")), docs)
              .filter(page -> page.toString().endsWith(".md"))
              .sorted()
              .toList();
      return pages.stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In blocks of code and between backticks; a line goes on behind a backslash. */
  private static Stream<Documented> commands(Path page) {
    String text;
    try {
      text = Files.readString(page).replace("\\\n", " ");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Documented> commands = new ArrayList<>();
    boolean code = false;
    for (String line : text.split("\n", -1)) {
      if (line.startsWith("```")) {
        code = !code;
      } else if (code) {
        add(commands, page, line);
      } else {
        Matcher span = Pattern.compile("`([^`]+)`").matcher(line);
        while (span.find()) {
          add(commands, page, span.group(1));
        }
      }
    }
    return commands.stream();
  }

  private static void add(List<Documented> commands, Path page, String line) {
    Matcher typed = TYPED.matcher(line);
    if (typed.find()) {
      commands.add(new Documented(page.getFileName().toString(), typed.group(1)));
    }
  }

  /** As a shell splits them, up to a pipe, a redirection or a comment. */
  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(line);
    while (word.find()) {
      if (Arrays.asList("|", ">", "#", "&&", ";", "2>", "&").contains(word.group())) {
        break;
      }
      words.add(word.group().replaceAll("[\"']", ""));
    }
    return words;
  }
}
