package io.prunegrid.job.sweep;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.prunegrid.testing.Choices;
import io.prunegrid.testing.HostileReader;
import io.prunegrid.testing.JsonMutation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Sweep files whose keys and values are changed, or replaced by what HOCON has beyond JSON. */
@Timeout(3600)
class SweepFuzzTest {
  private static final HostileReader READER = new HostileReader("sweep", 400);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<JsonNode> GOOD =
      Stream.of(
              """
              sweep {
                data = fashion, models = [small-cnn], methods = [random, ln], ratios = [0.5], seeds = [0]
              }
              """,
              """
              sweep {
                name = vehicles, data = fashion, seeds = [0, 1, 2], keep-models = true
                train { epochs = 2, lr = 0.05, batch = 64, schedule = cosine }
                retrain { epochs = 10, optimizer = sgd, lr = 0.01, momentum = 0.9, weight-decay = 5e-4 }
                models = [{ name = resnet20, weights = procedural }]
                subsets = [all, { name = vehicles, classes = [0, 1, 8, 9] }]
                methods = [{ name = ln, p = 1 }, { name = taylor, samples = 256 }, { name = random }]
                ratios = { from = 0.1, to = 0.9, step = 0.1 }
                ignore = [conv1, "*.conv2"]
                grids { wide {}, narrow { methods = [magnitude], ratios = [0.9, 0.97] } }
              }
              """)
          .map(SweepFuzzTest::document)
          .toList();

  /** What no JSON value says. */
  private static final List<String> BEYOND_JSON =
      List.of(
          "${sweep}",
          "${sweep.seeds}",
          "${?HOME}",
          "${?nothing}",
          "${nothing}",
          "${d1}",
          "${d30}",
          "${d2}${d3}",
          "[1] [2] ${sweep.ratios}",
          "{ include \"sweep.conf\" }",
          "{ include \"part.conf\" }",
          "{ include \"../absent.conf\" }",
          "{ include file(\"/etc/hostname\") }",
          "{ include url(\"http://127.0.0.1:9/a.conf\") }",
          "{ include classpath(\"reference.conf\") }",
          "{ include package(\"a\", \"b\") }",
          "{ from = 0, to = 1000000000, step = 1 }",
          "{ from = 0, to = 1, step = 1e-12 }",
          "\"0..999999999\"",
          "0.1e99999999",
          "\"\"\"text\"\"\"",
          "[[[[[[[[[[[[1]]]]]]]]]]]]");

  /** What a definition is made of, beside references. */
  private static final List<String> PIECES =
      List.of("word ", "[1, 2]", "{ x = 1 }", "{ include \"part.conf\" }", "\"quo, ted\"");

  private static final int MOST_DEFINITIONS = 40;

  @TempDir static Path folder;

  @BeforeAll
  static void writeParts() throws IOException {
    Files.writeString(folder.resolve("part.conf"), "x = [1], y = ${x}, include \"more.conf\"");
    Files.writeString(folder.resolve("more.conf"), "z = ${?d3}${?d4}, w = { a = 1 }");
  }

  private static JsonNode document(String hocon) {
    try {
      return JSON.readTree(
          ConfigFactory.parseString(hocon).root().render(ConfigRenderOptions.concise()));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void fixedMutationsGiveASweepOrARefusal() {
    READER.readFixed(this::read, getClass());
  }

  static Stream<byte[]> seeds() {
    return HostileReader.seeds(SweepFuzzTest.class, 100);
  }

  @MethodSource("seeds")
  @FuzzTest
  void mutationsGiveASweepOrARefusal(byte[] decisions) {
    read(decisions);
  }

  @AfterAll
  static void figures() {
    READER.report();
  }

  private void read(byte[] decisions) {
    Choices choices = new Choices(decisions);
    String text = beyondJson(JsonMutation.of(choices.of(GOOD), choices).toString(), choices);
    byte[] damaged = choices.damaged(text.getBytes(StandardCharsets.UTF_8));
    byte[] bytes = defining(choices, damaged);
    Path file = folder.resolve("sweep.conf");
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    READER.read(bytes.length, () -> check(SweepFile.read(file, List.of(), new FakeVocabulary())));
  }

  /** Puts HOCON in the place of a value, once in a while. */
  private static String beyondJson(String json, Choices choices) {
    if (!choices.onceIn(6)) {
      return json;
    }
    int value = json.indexOf(':', choices.below(json.length()));
    int end = value < 0 ? -1 : json.indexOf(',', value);
    return end < 0
        ? json
        : json.substring(0, value + 1) + choices.of(BEYOND_JSON) + json.substring(end);
  }

  /** Puts definitions before a sweep, once in a while. */
  private static byte[] defining(Choices choices, byte[] sweep) {
    if (!choices.onceIn(4) || sweep.length == 0 || sweep[0] != '{') {
      return sweep;
    }
    StringBuilder text = new StringBuilder("{");
    int definitions = choices.below(MOST_DEFINITIONS);
    for (int i = 0; i < definitions; i++) {
      text.append('d').append(choices.onceIn(8) ? choices.below(4) : i);
      text.append(choices.onceIn(8) ? "+=" : "=");
      String opening = choices.of(List.of("", "", "[", "{ x = "));
      int pieces = 1 + choices.below(3);
      text.append(opening);
      for (int piece = 0; piece < pieces; piece++) {
        text.append(piece > 0 && opening.equals("[") ? ", " : "");
        text.append(piece(choices, Math.max(0, i - 1)));
      }
      text.append(opening.equals("[") ? "]" : opening.isEmpty() ? "" : " }").append('\n');
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
    out.write(sweep, 1, sweep.length - 1);
    return out.toByteArray();
  }

  private static String piece(Choices choices, int before) {
    return switch (choices.below(4)) {
      case 0, 1 -> "${d" + before + "}";
      case 2 -> "${?d" + choices.below(MOST_DEFINITIONS) + "}";
      default -> choices.of(PIECES);
    };
  }

  /** Where results go unless someone says so is below the folder of results. */
  private static void check(Sweep sweep) {
    Path results = Path.of("results");
    Path of = results.resolve(sweep.name()).normalize();
    if (!of.startsWith(results) || of.equals(results)) {
      throw new AssertionError("the name '" + sweep.name() + "' leaves the folder of results");
    }
  }
}
