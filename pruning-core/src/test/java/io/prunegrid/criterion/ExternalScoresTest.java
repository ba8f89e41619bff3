package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.format.Safetensors;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores from a file: taken as they stand, for the base they were made for. */
class ExternalScoresTest {
  private static final Criterion EXTERNAL = Criteria.named("external");

  private final Model model = Tiny.model();
  private final String base = model.weights().contentHash();

  @TempDir Path folder;

  @Test
  void whatTheFileSaysIsTheScore() throws IOException {
    Map<String, Tensor> vectors = fitting();
    vectors.put("hidden", Tensor.wrap(Shape.of(5), new float[] {5, -1, 3, 0.5f, 2}));
    LayerScores found = (LayerScores) score(write("mine", vectors, base));
    assertThat(found.of("hidden")).containsExactly(5, -1, 3, 0.5, 2);
    CoupledChannels channels = CoupledChannels.of(model.graph());
    double[] classes =
        EXTERNAL.classScores(
            found,
            new Ranking(channels, Tiny.config(Scope.LOCAL), EXTERNAL.resolve(Map.of()), 0.4));
    Selection selection = Selection.select(channels, classes, 0.4, Tiny.config(Scope.LOCAL));
    int[] hidden = channels.outClasses("hidden");
    for (int c = 0; c < 5; c++) {
      assertThat(selection.removes(hidden[c])).as("channel " + c).isEqualTo(c == 1 || c == 3);
    }
  }

  @Test
  void savedScoresOfAMethodSelectWhatTheMethodSelects() {
    var graph = Zoo.build("resnet20", Zoo.publishedSize("resnet20"));
    Model resnet = new Model(graph, Procedural.weights(graph));
    Criterion ln = Criteria.named("ln");
    Scores own = ln.score(ScoringInput.of(resnet, ln.resolve(Map.of())));
    Path file = folder.resolve("ln.safetensors");
    ScoresFile.write(file, (LayerScores) own, resnet.weights().contentHash());
    Scores read = EXTERNAL.score(ScoringInput.of(resnet, resolved(file)));
    CoupledChannels channels = CoupledChannels.of(graph);
    for (Scope scope : Scope.values()) {
      for (double ratio : new double[] {0.1, 0.5, 0.9}) {
        assertThat(selected(EXTERNAL, read, channels, scope, ratio))
            .as(scope + " " + ratio)
            .isEqualTo(selected(ln, own, channels, scope, ratio));
      }
    }
  }

  private static Object selected(
      Criterion criterion, Scores scores, CoupledChannels channels, Scope scope, double ratio) {
    double[] classes =
        criterion.classScores(
            scores, new Ranking(channels, Tiny.config(scope), criterion.resolve(Map.of()), ratio));
    return Selection.select(channels, classes, ratio, Tiny.config(scope)).removed();
  }

  @Test
  void aBaseThatIsNotThisOneIsRefused() throws IOException {
    String other = "0".repeat(64);
    assertThat(refused(write("mine", fitting(), other)))
        .containsExactly(
            folder.resolve("mine.safetensors")
                + " is for the base "
                + other
                + ", but the network's weights have the hash "
                + base);
  }

  @Test
  void everythingThatDoesNotFitIsSaidAtOnce() throws IOException {
    Map<String, Tensor> vectors = fitting();
    vectors.put("hiden", vectors.remove("hidden"));
    vectors.put("stem", Tensor.wrap(Shape.of(3), new float[3]));
    vectors.put("grouped", Tensor.wrap(Shape.of(6, 1), new float[6]));
    vectors.put(
        "depthwise", Tensor.wrap(Shape.of(4), new float[] {Float.NaN, 1, Float.NaN, Float.NaN}));
    String other = "0".repeat(64);
    List<String> problems = refused(write("mine", vectors, other));
    assertThat(problems)
        .hasSize(6)
        .anyMatch(
            p ->
                p.contains(
                    "channel 0 of 'depthwise' scores NaN, and 2 more of its scores are not finite,"
                        + " allowed: finite numbers"))
        .anyMatch(p -> p.contains("is for the base " + other))
        .anyMatch(p -> p.contains("unknown layer 'hiden'; did you mean 'hidden'?"))
        .anyMatch(p -> p.contains("'stem' has the shape") && p.contains("one vector of 4"))
        .anyMatch(p -> p.contains("'grouped' has the shape") && p.contains("one vector of 6"))
        .anyMatch(p -> p.contains("no vector for the layer 'hidden', which has 5 channels"));
    assertThat(
            EXTERNAL.unfit(
                CoupledChannels.of(model.graph()), resolved(folder.resolve("mine.safetensors"))))
        .hasValueSatisfying(why -> assertThat(why).contains("hiden", "stem", "NaN"));
  }

  @Test
  void numbersThatAreNoneAndFilesThatSayNoBaseAreRefused() throws IOException {
    Map<String, Tensor> vectors = fitting();
    vectors.put("hidden", Tensor.wrap(Shape.of(5), new float[] {1, 2, Float.NaN, 4, Float.NaN}));
    vectors.put("stem", Tensor.wrap(Shape.of(4), new float[] {1, Float.POSITIVE_INFINITY, 2, 3}));
    Path file = folder.resolve("bare.safetensors");
    Safetensors.write(file, new Weights(vectors));
    assertThat(refused(file))
        .hasSize(3)
        .anyMatch(p -> p.contains("does not say in its metadata which base it is for"))
        .anyMatch(p -> p.contains("channel 2 of 'hidden' scores NaN"))
        .anyMatch(p -> p.contains("channel 1 of 'stem' scores Infinity"));
    assertThat(refused(folder.resolve("absent.safetensors")))
        .singleElement()
        .asString()
        .contains("cannot be read");
    Path broken = folder.resolve("broken.safetensors");
    Files.writeString(broken, "not at all");
    assertThat(refused(broken)).hasSize(1);
    assertThat(
            catchThrowableOfType(
                    BadInput.class,
                    () -> EXTERNAL.score(ScoringInput.of(model, EXTERNAL.resolve(Map.of()))))
                .getMessage())
        .contains("needs scores = FILE");
  }

  @Test
  void theLastLayerMayBeLeftOut() throws IOException {
    Map<String, Tensor> vectors = fitting();
    vectors.remove("head");
    assertThat(((LayerScores) score(write("mine", vectors, base))).layers())
        .containsExactly("stem", "depthwise", "grouped", "hidden");
  }

  @Test
  void theFilesContentIsItsIdentityAndNotItsName() throws IOException {
    Path first = write("first", fitting(), base);
    Path copy = Files.copy(first, folder.resolve("copy.safetensors"));
    Map<String, Tensor> changed = fitting();
    changed.put("hidden", Tensor.wrap(Shape.of(5), new float[] {1, 1, 1, 1, 2}));
    Path other = write("other", changed, base);
    assertThat(EXTERNAL.identity(resolved(copy))).isEqualTo(EXTERNAL.identity(resolved(first)));
    assertThat(EXTERNAL.identity(resolved(other))).isNotEqualTo(EXTERNAL.identity(resolved(first)));
    assertThat(EXTERNAL.identity(resolved(first)).toString()).doesNotContain("first");
  }

  private Map<String, Tensor> fitting() {
    Map<String, Tensor> vectors = new LinkedHashMap<>();
    Map<String, Integer> sizes =
        Map.of("stem", 4, "depthwise", 4, "grouped", 6, "hidden", 5, "head", 3);
    sizes.forEach(
        (name, n) -> {
          float[] values = new float[n];
          for (int i = 0; i < n; i++) {
            values[i] = i + 1;
          }
          vectors.put(name, Tensor.wrap(Shape.of(n), values));
        });
    return vectors;
  }

  private Path write(String name, Map<String, Tensor> vectors, String ofBase) throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    Safetensors.write(file, new Weights(vectors), Map.of("base", ofBase));
    return file;
  }

  private static SortedMap<String, String> resolved(Path file) {
    return EXTERNAL.resolve(Map.of("scores", file.toString()));
  }

  private Scores score(Path file) {
    return EXTERNAL.score(ScoringInput.of(model, resolved(file)));
  }

  private List<String> refused(Path file) {
    return catchThrowableOfType(BadInput.class, () -> score(file)).problems();
  }
}
