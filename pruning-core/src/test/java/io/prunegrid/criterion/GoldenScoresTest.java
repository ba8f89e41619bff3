package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Shape;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.Shared;
import io.prunegrid.testing.SyntheticDataset;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Every criterion's scores of a small network, kept beside its version in {@code
 * golden-scores.json}. Where scores change on purpose, raise the criterion's version and run the
 * test with {@code PRUNEGRID_UPDATE=1}, which adds what is new; old entries stay.
 */
class GoldenScoresTest {
  @Test
  void scoresChangeOnlyTogetherWithTheVersion() throws IOException {
    JsonNode golden;
    try (InputStream in = GoldenScoresTest.class.getResourceAsStream("golden-scores.json")) {
      golden = new ObjectMapper().readTree(in);
    }
    Map<String, Map<String, Map<String, double[]>>> now = new LinkedHashMap<>();
    for (Criterion criterion : all()) {
      String version = String.valueOf(criterion.version());
      now.put(criterion.name(), Map.of(version, scores(criterion)));
    }
    if ("1".equals(System.getenv("PRUNEGRID_UPDATE"))) {
      golden = updated((ObjectNode) golden, now);
    }
    assertThat(names(golden))
        .isEqualTo(new HashSet<>(all().stream().map(Criterion::name).toList()));
    String help = "scores are now " + new ObjectMapper().writeValueAsString(now);
    for (Criterion criterion : all()) {
      Map<String, double[]> found =
          now.get(criterion.name()).get(String.valueOf(criterion.version()));
      JsonNode versions = golden.get(criterion.name());
      int newest = names(versions).stream().mapToInt(Integer::parseInt).max().orElseThrow();
      assertThat(newest).as(help).isEqualTo(criterion.version());
      JsonNode recorded = versions.get(String.valueOf(newest));
      assertThat(names(recorded)).as(help).isEqualTo(found.keySet());
      // an engine's last bits depend on the processor
      double tolerance = criterion.needs().contains(Need.ENGINE) ? 1e-5 : 0;
      found.forEach(
          (what, values) -> {
            double[] before = new ObjectMapper().convertValue(recorded.get(what), double[].class);
            assertThat(values).as(help).containsExactly(before, within(tolerance));
          });
    }
  }

  /** All that compute something. */
  private static List<Criterion> all() {
    return Criteria.all().stream().filter(c -> !c.needs().contains(Need.FILE)).toList();
  }

  private static Map<String, double[]> scores(Criterion criterion) {
    Model model = Tiny.model();
    CoupledChannels channels = CoupledChannels.of(model.graph());
    Samples samples = Samples.all(new SyntheticDataset(Shape.of(2, 4, 4), 7, 3, 11));
    Map<String, double[]> found = new LinkedHashMap<>();
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      for (Map<String, String> parameters : choices(criterion)) {
        Scores scores =
            criterion.score(
                new ScoringInput(
                    model,
                    channels,
                    criterion.resolve(parameters),
                    Optional.of(samples),
                    Optional.of(engine),
                    42));
        if (scores instanceof WeightScores weights) {
          weights
              .parameters()
              .forEach(
                  (name, tensor) ->
                      found.put(name, new double[] {tensor.at(0), tensor.at(tensor.size() - 1)}));
          continue;
        }
        for (Scope scope : List.of(Scope.LOCAL, Scope.GLOBAL)) {
          if (criterion.rule(criterion.resolve(parameters)) == Selection.Rule.RANKS
              && scope == Scope.GLOBAL) {
            continue;
          }
          double[] values =
              criterion.classScores(
                  scores,
                  new Ranking(channels, Tiny.config(scope), criterion.resolve(parameters), 0.5));
          found.put(
              scope + " " + parameters,
              Arrays.stream(values).filter(value -> !Double.isNaN(value)).toArray());
        }
      }
    }
    return found;
  }

  /** Every value of the first parameter, where it is one of a few. */
  private static List<Map<String, String>> choices(Criterion criterion) {
    return !criterion.parameters().isEmpty()
            && criterion.parameters().get(0) instanceof Parameter.Choice choice
            && !Criterion.COMMON.contains(choice.name())
        ? choice.values().stream().map(value -> Map.of(choice.name(), value)).toList()
        : List.of(Map.of());
  }

  private static JsonNode updated(
      ObjectNode golden, Map<String, Map<String, Map<String, double[]>>> now) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    now.forEach(
        (name, versions) ->
            versions.forEach(
                (version, scores) -> {
                  if (!golden.withObjectProperty(name).has(version)) {
                    golden.withObjectProperty(name).set(version, mapper.valueToTree(scores));
                  }
                }));
    ObjectNode sorted = mapper.createObjectNode();
    new TreeSet<>(names(golden)).forEach(name -> sorted.set(name, golden.get(name)));
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    Path file =
        Shared.repository()
            .resolve("pruning-core/src/test/resources/io/prunegrid/criterion/golden-scores.json");
    Files.writeString(file, mapper.writer(printer).writeValueAsString(sorted) + "\n");
    return sorted;
  }

  private static Set<String> names(JsonNode object) {
    Set<String> names = new HashSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
