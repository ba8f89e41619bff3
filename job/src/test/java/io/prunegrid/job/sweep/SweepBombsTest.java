package io.prunegrid.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.testing.HostileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Small sweep files that would become endless once they are read as HOCON says. */
class SweepBombsTest {
  private static final HostileReader READER = new HostileReader("sweep", 400);
  private static final String SWEEP =
      "sweep { data = fashion, methods = [ln], ratios = [0.5], seeds = [0],"
          + " models = [{ name = resnet20, weights = procedural }] }\n";

  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static Sweep read(Path file) {
    return SweepFile.read(file, List.of(), new FakeVocabulary());
  }

  private static void refused(Path file, String... words) throws IOException {
    READER.read(
        Files.size(file),
        () ->
            assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> read(file))
                .satisfies(
                    bad -> assertThat(bad.problems()).singleElement().asString().contains(words)));
  }

  private static String lines(int count, IntFunction<String> line) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(line)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String before(int i) {
    return "${d" + (i - 1) + "}";
  }

  private static String everyOther(int i) {
    return lines(12, j -> i == j ? "" : "${?d" + j + "}").replace("\n", " ");
  }

  static Stream<String> multiplications() {
    return Stream.of(
        "d0 = word\n" + lines(40, i -> "d" + i + " = " + before(i) + before(i)),
        "d0 = [1]\n" + lines(40, i -> "d" + i + " = " + before(i) + before(i)),
        "d0 = [1]\n" + lines(40, i -> "d" + i + " = [" + before(i) + ", " + before(i) + "]"),
        "d0 = { a = 1 }\n"
            + lines(40, i -> "d" + i + " { a = " + before(i) + ", b = " + before(i) + "}"),
        "d0 { x = 1 }\n"
            + lines(40, i -> "d" + i + " = " + before(i) + " { a = " + before(i) + " }"),
        "d = word\n" + lines(30, i -> "d = ${d}${d}"),
        "d = [1]\n" + lines(30, i -> "d = [${d}, ${d}]"),
        lines(12, i -> "d" + i + " = word " + everyOther(i)),
        "a = word\nb = word\n" + lines(14, i -> "a = ${b}${b}\nb = ${a}${a}"));
  }

  @ParameterizedTest
  @MethodSource("multiplications")
  void referencesThatMultiplyAreRefusedBeforeTheyAreFollowed(String definitions)
      throws IOException {
    refused(file("s.conf", definitions + SWEEP), "s.conf:", "multiply");
    file("part.conf", definitions);
    refused(file("s.conf", "p { include \"part.conf\" }\n" + SWEEP), "part.conf:", "multiply");
  }

  @Test
  void aFileThatIncludesItselfIsRefused() throws IOException {
    String twice = "a { include \"s.conf\" }\nb { include \"s.conf\" }\n";
    refused(file("s.conf", twice + SWEEP), "s.conf", "include itself");
    file("part.conf", "a { include \"./s.conf\" }");
    refused(file("s.conf", "a { include \"part.conf\" }\n" + SWEEP), "part.conf", "include itself");
  }

  @Test
  void filesThatEachIncludeTheNextOneTwiceAreRefused() throws IOException {
    for (int i = 0; i < 30; i++) {
      String next = "{ include \"part" + (i + 1) + ".conf\" }";
      file("part" + i + ".conf", "a " + next + "\nb " + next + "\n");
    }
    file("part30.conf", "a = 1");
    Path sweep = file("s.conf", "p { include \"part0.conf\" }\n" + SWEEP);
    assertThatExceptionOfType(BadInput.class)
        .isThrownBy(() -> read(sweep))
        .withMessageContaining("too much is included; allowed: 256 files");
  }

  @Test
  void aValueBuiltOnItselfAgainAndAgainIsRefused() throws IOException {
    refused(
        file("s.conf", "d = []\n" + lines(60, i -> "d += 1") + SWEEP),
        "s.conf:",
        "more than 32 times");
  }

  @Test
  void aLongChainOfReferencesIsRefused() throws IOException {
    String chain = "d0 = 1\n" + lines(200, i -> "d" + i + " = " + before(i));
    refused(file("s.conf", chain + SWEEP), "s.conf:", "more than 32 times");
  }

  @Test
  void whatIsReckonedIsNeverLessThanWhatTheParserMakesOfIt() {
    SplitMix64 random = SplitMix64.stream(1, "definitions");
    int resolved = 0;
    for (int i = 0; i < 2000; i++) {
      String text = definitions(random);
      try {
        Config file = ConfigFactory.parseString(text);
        long reckoned = Substitutions.refuseExplosion(file.root());
        String becomes = file.resolve().root().render(ConfigRenderOptions.concise());
        assertThat((long) becomes.length()).as(text).isLessThanOrEqualTo(reckoned);
        resolved++;
      } catch (BadInput | ConfigException e) {
        // neither what is refused nor what means nothing becomes anything
      }
    }
    assertThat(resolved).isGreaterThan(400);
  }

  private static String definitions(SplitMix64 random) {
    List<String> openings = List.of("", "", "[", "{ x = ");
    List<String> closings = List.of("", "", "]", " }");
    List<String> plain = List.of("word ", "[1, 2]", "{ y = 1 }", "\"quo, ted\"", "{ x { z = 1 } }");
    StringBuilder text = new StringBuilder();
    for (int line = 0; line < 1 + random.nextInt(10); line++) {
      int kind = random.nextInt(4);
      text.append('d').append(random.nextInt(5)).append(random.nextInt(5) == 0 ? " += " : " = ");
      text.append(openings.get(kind));
      for (int piece = 0; piece < 1 + random.nextInt(3); piece++) {
        text.append(piece > 0 && kind == 2 ? ", " : "");
        text.append(
            random.nextInt(2) == 0
                ? plain.get(random.nextInt(plain.size()))
                : "${?d" + random.nextInt(5) + (random.nextInt(3) == 0 ? ".x" : "") + "}");
      }
      text.append(closings.get(kind)).append('\n');
    }
    return text.toString();
  }

  @Test
  void whatPeopleWriteIsRead() throws IOException {
    file("part.conf", "common { lr = 0.1, epochs = 3 }\nown = ${common} { batch = 8 }\n");
    Path file =
        file(
            "s.conf",
            """
            include "part.conf"
            again { include "part.conf" }
            list = []
            list += { name = ln, p = 1 }
            list += random
            title = study
            title = ${title}-two
            """
                + lines(20, i -> "list = ${list} [{ name = taylor, samples = " + i + " }]")
                + """
                sweep {
                  name = ${title}, data = fashion, methods = ${list}, ratios = [0.5, ${?nothing}]
                  models = [{ name = resnet20, weights = procedural }], seeds = [0, 1]
                  retrain = ${again.own} { lr = ${common.lr} }
                }
                """);
    Sweep sweep = read(file);
    assertThat(sweep.name()).isEqualTo("study-two");
    assertThat(sweep.cells()).hasSize(22 * 2);
  }
}
