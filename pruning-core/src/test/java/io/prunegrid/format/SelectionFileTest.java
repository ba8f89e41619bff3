package io.prunegrid.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectionFileTest {
  @TempDir Path folder;

  @Test
  void whatIsWrittenIsRead() {
    Map<String, SelectionFile.Layer> layers = new LinkedHashMap<>();
    layers.put("conv1", new SelectionFile.Layer(16, List.of(0, 5)));
    layers.put("conv2", new SelectionFile.Layer(32, List.of()));
    SelectionFile selection = new SelectionFile("resnet20", layers);
    Path file = folder.resolve("selection.json");
    selection.write(file);
    assertThat(SelectionFile.read(file)).isEqualTo(selection);
    assertThat(SelectionFile.read(file).layers().keySet()).containsExactly("conv1", "conv2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[[[",
        "{\"version\": [1,",
        "{} {}",
        "{\"version\": NaN}",
        "{\"version\": -Infinity}",
        "{\"version\": +1}",
        "// a comment\n{}",
        "\u0000"
      })
  void theParsersOwnWordsAreLeftOut(String text) throws IOException {
    for (String each : List.of(text, text.repeat(1200))) {
      Path file = Files.writeString(folder.resolve("bad.json"), each);
      BadInput bad = catchThrowableOfType(BadInput.class, () -> SelectionFile.read(file));
      assertThat(bad.problems())
          .singleElement()
          .asString()
          .contains("bad.json: is no valid JSON")
          .doesNotContain("`", "Stream", "Feature", "FEATURE", "ALLOW_", "Source", "jackson");
    }
  }

  @Test
  void aFileThatIsNestedTooDeeplyIsToldInAPlainSentence() throws IOException {
    Path file = Files.writeString(folder.resolve("deep.json"), "[".repeat(5000));
    BadInput bad = catchThrowableOfType(BadInput.class, () -> SelectionFile.read(file));
    assertThat(bad.problems())
        .containsExactly(
            file
                + ": is no valid JSON: Document nesting depth (1001) exceeds the maximum allowed"
                + " (1000)");
  }

  @Test
  void textInAnotherEncodingIsTold() throws IOException {
    Path file = Files.write(folder.resolve("wide.json"), new byte[] {0, 0, 0, '{', 0, 0, 1});
    BadInput bad = catchThrowableOfType(BadInput.class, () -> SelectionFile.read(file));
    assertThat(bad.problems()).singleElement().asString().contains("wide.json: is no valid JSON");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "\"text\"",
        "{}",
        "{\"version\":1}",
        "{\"version\":2,\"network\":\"a\",\"layers\":{}}",
        "{\"version\":1,\"network\":7,\"layers\":{}}",
        "{\"version\":1,\"network\":\"a\",\"layers\":[]}",
        "{\"version\":1,\"network\":\"a\",\"layers\":{},\"more\":1}",
        "{\"version\":1,\"network\":\"a\",\"layers\":{\"c\":[]}}",
        "{\"version\":1,\"network\":\"a\",\"layers\":{\"c\":{\"of\":0,\"remove\":[]}}}",
        "{\"version\":1,\"network\":\"a\",\"layers\":{\"c\":{\"of\":4}}}",
        "{\"version\":1,\"network\":\"a\",\"layers\":{\"c\":{\"of\":4,\"remove\":[-1]}}}",
        "{\"version\":1,\"network\":\"a\",\"layers\":{\"c\":{\"of\":4,\"remove\":[1.5]}}}",
        "{\"version\":1,\"network\":\"a\",\"layers\":{\"c\":{\"of\":4,\"remove\":[99999999999]}}}",
        "{\"version\":1,\"network\":\"a\",\"layers\":{\"c\":{\"of\":4,\"remove\":\"all\"}}}",
        "{\"version\":1,\"network\":\"a\",\"layers\":{\"c\":{\"of\":4,\"remove\":[NaN]}}}",
        "{\"version\":1,\"network\":\"a\",\"layers\":{\"c\":{\"of\":4,\"remove\":[]},\"c\":{}}}",
        "{\"version\":1,\"network\":\"a\",\"layers\":{}} trailing"
      })
  void whatIsNoSelectionIsToldWithTheFile(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("bad.json"), text);
    BadInput bad = catchThrowableOfType(BadInput.class, () -> SelectionFile.read(file));
    assertThat(bad).isNotNull();
    assertThat(bad.problems()).allMatch(problem -> problem.startsWith(file.toString()));
  }

  @Test
  void deepNestingAndMissingFilesAreTold() throws IOException {
    Path deep = Files.writeString(folder.resolve("deep.json"), "[".repeat(200_000));
    assertThat(catchThrowableOfType(BadInput.class, () -> SelectionFile.read(deep))).isNotNull();
    Path none = folder.resolve("none.json");
    assertThat(catchThrowableOfType(BadInput.class, () -> SelectionFile.read(none)))
        .hasMessageContaining("does not exist");
  }

  @Test
  void eachLayerThatIsWrongIsTold() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("two.json"),
            "{\"version\":1,\"network\":\"a\",\"layers\":"
                + "{\"b\":{\"of\":4,\"remove\":[-1]},\"c\":{\"of\":\"x\",\"remove\":[]}}}");
    BadInput bad = catchThrowableOfType(BadInput.class, () -> SelectionFile.read(file));
    assertThat(bad.problems()).hasSize(2);
  }

  @Test
  void nothingThatIsWrongHidesAnythingElse() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("many.json"),
            "{\"version\":1,\"netwrk\":\"a\",\"layers\":{\"b\":{\"off\":4,\"remove\":[3,-1,0.5,3,null]},"
                + "\"c\":[],\"d\":{\"of\":4,\"remove\":[1]}}}");
    SelectionFile.Draft draft = SelectionFile.draft(file);
    assertThat(draft.problems())
        .containsExactly(
            "the selection has no network",
            "layer 'b' has no of",
            "layer 'b' has '-1', '0.5', 'null' in remove, expected whole numbers from 0 to"
                + " 2147483647",
            "layer 'b' has the unknown field 'off'",
            "layer 'c' is no JSON object",
            "the selection has the unknown field 'netwrk'");
    assertThat(draft.network()).isEmpty();
    assertThat(draft.layers().get("b").remove()).containsExactly(3, 3);
    assertThat(draft.layers().get("d")).isEqualTo(new SelectionFile.Layer(4, List.of(1)));
    assertThat(draft.doubtful()).containsExactlyInAnyOrder("b", "c");
    assertThat(catchThrowableOfType(BadInput.class, () -> SelectionFile.read(file)).problems())
        .hasSize(6)
        .allMatch(problem -> problem.startsWith(file + ": "));
  }

  @Test
  void aListOfNothingButSlipsIsToldInOneSentence() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("long.json"),
            "{\"version\":1,\"network\":\"a\",\"layers\":{\"b\":{\"of\":4,\"remove\":[-1"
                + ",-1".repeat(9999)
                + "]}}}");
    assertThat(SelectionFile.draft(file).problems())
        .containsExactly(
            "layer 'b' has '-1', '-1', '-1', '-1', '-1' and 9995 more in remove, expected whole"
                + " numbers from 0 to 2147483647");
  }
}
