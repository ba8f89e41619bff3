package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Rounding;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.criterion.HighestRanks.Memory;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.data.Samples;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.ImagePass;
import io.prunegrid.runtime.Reading;
import io.prunegrid.runtime.Tap;
import io.prunegrid.testing.StudyOracle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scores and selections are those that the class-aware benchmark's own code recorded. */
class RecordedScoresTest {
  private static final double[] RATIOS = {0.3, 0.6, 0.9};

  private static Engine engine;

  @BeforeAll
  static void open() {
    engine = Engine.open(ComputeDevice.CPU);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @ParameterizedTest
  @CsvSource({
    "resnet20, ln_p1_layer, ln, LOCAL, ''",
    "resnet20, ln_p2_layer, ln, LOCAL, p=2",
    "resnet20, ln_p1_global_one_ratio_per_call, ln, GLOBAL, ''",
    "resnet20, cap, activation, LOCAL, ''",
    "resnet20, taylor_eval, taylor, GLOBAL, ''",
    "resnet20, sensitivity_eval, sensitivity, GLOBAL, ''",
    "resnet20, apoz_eval, apoz, GLOBAL, ''",
    "resnet20, lrp_adapted_eval, lrp, GLOBAL, ''",
    "cifarvgg, ln_p1_layer, ln, LOCAL, ''",
    "cifarvgg, ln_p2_layer, ln, LOCAL, p=2",
    "cifarvgg, ln_p1_global_one_ratio_per_call, ln, GLOBAL, ''",
    "cifarvgg, cap, activation, LOCAL, ''",
    "cifarvgg, taylor_eval, taylor, GLOBAL, ''",
    "cifarvgg, sensitivity_eval, sensitivity, GLOBAL, ''",
    "cifarvgg, apoz_eval, apoz, GLOBAL, ''",
    "cifarvgg_folded, ln_p1_layer, ln, LOCAL, ''",
    "cifarvgg_folded, ln_p2_layer, ln, LOCAL, p=2",
    "cifarvgg_folded, ln_p1_global_one_ratio_per_call, ln, GLOBAL, ''",
    "cifarvgg_folded, cap, activation, LOCAL, ''",
    "cifarvgg_folded, taylor_eval, taylor, GLOBAL, ''",
    "cifarvgg_folded, sensitivity_eval, sensitivity, GLOBAL, ''",
    "cifarvgg_folded, apoz_eval, apoz, GLOBAL, ''",
    "cifarvgg_folded, lrp_reference, lrp, GLOBAL," + " linear-rule=z-plus start=logit amount=signed"
  })
  void scoresAndSelectionsAreTheRecordedOnes(
      String network, String recorded, String method, Scope scope, String parameters) {
    StudyOracle oracle = StudyOracle.read(network);
    Criterion criterion = Criteria.named(method);
    Map<String, String> given = new LinkedHashMap<>();
    Matcher pairs = Pattern.compile("(\\S+)=(\\S+)").matcher(parameters);
    while (pairs.find()) {
      given.put(pairs.group(1), pairs.group(2));
    }
    LayerScores scores = (LayerScores) criterion.score(input(oracle, criterion, given));
    Count count = new Count();
    String scored = recorded.replace("_one_ratio_per_call", "");
    compareScores(oracle, oracle.method(scored).get("scores"), scores, method, count);
    Map<String, double[]> convolutions = new LinkedHashMap<>();
    oracle.layers().keySet().forEach(layer -> convolutions.put(layer, scores.of(layer)));
    CoupledChannels channels = CoupledChannels.of(oracle.sideBySide());
    for (JsonNode run : oracle.method(recorded).get("runs")) {
      if (!run.has("selected")) {
        continue;
      }
      SelectionConfig config = config(scope, skipped(oracle, run.get("skip").asInt()));
      double[] classes =
          criterion.classScores(
              new LayerScores(convolutions),
              new Ranking(channels, config, criterion.resolve(given), run.get("ratio").asDouble()));
      compareSelection(
          oracle,
          run.get("selected"),
          run.get("ratio").asDouble(),
          channels,
          classes,
          config,
          Selection.Rule.LOWEST,
          method,
          count);
    }
    JsonNode whole = oracle.method(recorded).path("selected_skip0_intended");
    for (int i = 0; i < whole.size(); i++) {
      SelectionConfig config = config(scope, List.of());
      double[] classes =
          criterion.classScores(
              new LayerScores(convolutions),
              new Ranking(channels, config, criterion.resolve(given), RATIOS[i]));
      compareSelection(
          oracle,
          whole.get(i),
          RATIOS[i],
          channels,
          classes,
          config,
          Selection.Rule.LOWEST,
          method,
          count);
    }
    System.out.println(network + " " + recorded + ": " + count);
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet20", "cifarvgg", "cifarvgg_folded"})
  void everyImagesLengthsAndWhatAllImagesCanDoWithoutAreTheRecordedOnes(String network) {
    StudyOracle oracle = StudyOracle.read(network);
    Count count = new Count();
    for (String function : List.of("leaky_relu", "relu")) {
      JsonNode recorded = oracle.method("ocap_" + function);
      Map<String, List<double[]>> rows = lengths(oracle, function);
      recorded
          .get("scores")
          .properties()
          .forEach(
              entry -> {
                List<double[]> own = rows.get(oracle.layer(entry.getKey()));
                JsonNode theirs = entry.getValue();
                if (theirs.get(0).isArray()) {
                  assertThat(theirs).hasSize(64);
                  for (int i = 0; i < 64; i++) {
                    compare(entry.getKey() + " image " + i, own.get(i), theirs.get(i), 1, 0, count);
                  }
                } else {
                  double[] mean = new double[own.get(0).length];
                  own.forEach(row -> Arrays.setAll(mean, c -> mean[c] + row[c] / 64));
                  compare(entry.getKey(), mean, theirs, 1, 0, count);
                }
              });
      CoupledChannels channels = CoupledChannels.of(oracle.sideBySide());
      for (JsonNode run : recorded.get("runs")) {
        SelectionConfig config = config(Scope.LOCAL, skipped(oracle, run.get("skip").asInt()));
        compareSelection(
            oracle,
            run.get("selected"),
            run.get("ratio").asDouble(),
            channels,
            highestRanks(oracle, channels, rows),
            config,
            Selection.Rule.RANKS,
            "ocap",
            count);
      }
    }
    System.out.println(network + " ocap: " + count);
  }

  private static double[] highestRanks(
      StudyOracle oracle, CoupledChannels channels, Map<String, List<double[]>> rows) {
    List<List<Integer>> teams = new ArrayList<>();
    for (String layer : oracle.layers().keySet()) {
      teams.add(Arrays.stream(channels.outClasses(layer)).boxed().toList());
    }
    HighestRanks ranks = new HighestRanks(teams, channels.classes().size(), Memory.HIGHEST);
    for (int i = 0; i < 64; i++) {
      double[] values = new double[channels.classes().size()];
      for (String layer : oracle.layers().keySet()) {
        int[] ids = channels.outClasses(layer);
        for (int c = 0; c < ids.length; c++) {
          values[ids[c]] = rows.get(layer).get(i)[c];
        }
      }
      ranks.add(values);
    }
    return ranks.highest();
  }

  private static Map<String, List<double[]>> lengths(StudyOracle oracle, String function) {
    Reading reading =
        function.equals("relu")
            ? new Reading.Length(Reading.Activation.RELU, 0)
            : new Reading.Length(Reading.Activation.LEAKY_RELU, 0.01);
    Map<String, Tap> taps = new LinkedHashMap<>();
    for (String layer : oracle.layers().keySet()) {
      var graph = oracle.model().graph();
      taps.put(layer, new Tap(TapPoint.NORM.after(graph, graph.node(layer)), reading));
    }
    float[] images = new float[64 * 3072];
    Samples samples = oracle.images();
    IntStream.range(0, 64).forEach(i -> samples.copyImage(i, images, i * 3072));
    Map<String, List<double[]>> rows = new LinkedHashMap<>();
    try (ImagePass pass =
        engine.images(oracle.model(), new LinkedHashSet<>(taps.values()), Set.of())) {
      Map<Tap, float[]> values = pass.run(images, 64, new int[64]);
      taps.forEach(
          (layer, tap) -> {
            float[] all = values.get(tap);
            int width = all.length / 64;
            List<double[]> own = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
              int from = i * width;
              own.add(IntStream.range(0, width).mapToDouble(c -> all[from + c]).toArray());
            }
            rows.put(layer, own);
          });
    }
    return rows;
  }

  /** The reference kept a tensor that the sum with the shortcut later wrote into. */
  private static boolean isOverwritten(String method, String layer) {
    return method.equals("activation") && layer.endsWith(".conv2");
  }

  private static void compareScores(
      StudyOracle oracle, JsonNode recorded, LayerScores scores, String method, Count count) {
    double ours = 0;
    double theirs = 0;
    Map<String, JsonNode> layers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : recorded.properties()) {
      String layer = oracle.layer(entry.getKey());
      if (isOverwritten(method, layer)) {
        continue;
      }
      JsonNode values = entry.getValue();
      layers.put(layer, values.has("raw") ? values.get("raw") : values);
      ours += DoubleStream.of(scores.of(layer)).map(Math::abs).sum();
      for (JsonNode value : layers.get(layer)) {
        theirs += Math.abs(value.asDouble());
      }
    }
    double factor = theirs / ours;
    double slack = method.equals("apoz") ? 2.0 / 64 : 0;
    layers.forEach(
        (layer, values) -> compare(layer, scores.of(layer), values, factor, slack, count));
  }

  private static void compare(
      String what, double[] ours, JsonNode theirs, double factor, double slack, Count count) {
    assertThat(ours).as(what).hasSize(theirs.size());
    double largest = DoubleStream.of(ours).map(Math::abs).max().orElseThrow() * factor;
    for (int channel = 0; channel < ours.length; channel++) {
      double difference = Math.abs(factor * ours[channel] - theirs.get(channel).asDouble());
      count.scores++;
      count.largest = Math.max(count.largest, difference / largest);
      assertThat(difference)
          .as(what + " channel " + channel)
          .isCloseTo(0, within(slack + 1e-5 * largest));
    }
  }

  private static void compareSelection(
      StudyOracle oracle,
      JsonNode selected,
      double ratio,
      CoupledChannels channels,
      double[] classes,
      SelectionConfig config,
      Selection.Rule rule,
      String method,
      Count count) {
    Selection selection = Selection.select(channels, classes, ratio, config, rule);
    Map<String, Set<Integer>> recorded = oracle.selected(selected);
    for (String layer : oracle.layers().keySet()) {
      if (isOverwritten(method, layer)) {
        continue;
      }
      int[] ids = channels.outClasses(layer);
      TreeSet<Integer> ours = new TreeSet<>();
      for (int c = 0; c < ids.length; c++) {
        if (selection.removes(ids[c])) {
          ours.add(c);
        }
      }
      Set<Integer> theirs = recorded.getOrDefault(layer, Set.of());
      count.selections++;
      if (theirs.size() == ids.length) {
        // the reference empties the layer; ours keeps its best
        count.emptied++;
        assertThat(ours).as(layer + " at " + ratio).hasSize(ids.length - 1);
      } else {
        assertThat(ours).as(layer + " at " + ratio).isEqualTo(theirs);
      }
    }
  }

  private static List<String> skipped(StudyOracle oracle, int layers) {
    return oracle.layers().keySet().stream().limit(layers).toList();
  }

  private static SelectionConfig config(Scope scope, List<String> guarded) {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        scope,
        Rounding.DOWN,
        defaults.onEmpty(),
        1,
        1,
        List.of(),
        guarded,
        defaults.ties(),
        defaults.apply());
  }

  private static ScoringInput input(
      StudyOracle oracle, Criterion criterion, Map<String, String> given) {
    return new ScoringInput(
        oracle.model(),
        CoupledChannels.of(oracle.model().graph()),
        criterion.resolve(given),
        Optional.of(oracle.images()),
        Optional.of(engine),
        0);
  }

  /** How much was compared. */
  private static final class Count {
    private int scores;
    private int selections;
    private int emptied;
    private double largest;

    @Override
    public String toString() {
      return scores
          + " scores, largest difference "
          + largest
          + " of the layer's largest; "
          + selections
          + " selections of layers, "
          + emptied
          + " emptied by the reference";
    }
  }
}
