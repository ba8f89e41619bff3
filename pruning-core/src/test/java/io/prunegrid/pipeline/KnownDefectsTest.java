package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Ranking;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.criterion.Sight;
import io.prunegrid.data.DataSource;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.Shared;
import io.prunegrid.testing.SyntheticDataset;
import io.prunegrid.train.Trainer;
import io.prunegrid.train.TrainingConfig;
import io.prunegrid.train.TrainingConfig.Optimizer;
import io.prunegrid.train.TrainingConfig.Schedule;
import io.prunegrid.train.TrainingResult;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What public code is known to do wrong and this code does right, as docs/corrections.md lists it;
 * here what no other test shows.
 */
class KnownDefectsTest {
  private static Engine engine;

  @BeforeAll
  static void open() {
    engine = Engine.open(ComputeDevice.CPU);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void everyTestThatTheListNamesExists() throws IOException {
    Path root = Shared.repository();
    String page = Files.readString(root.resolve("docs/corrections.md"));
    Set<String> found = new HashSet<>();
    for (String module : List.of("pruning-core", "job")) {
      try (Stream<Path> files = Files.walk(root.resolve(module + "/src/test/java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith("Test.java")).toList()) {
          String name = file.getFileName().toString().replace(".java", "");
          Matcher method = Pattern.compile("void (\\w+)\\(").matcher(Files.readString(file));
          while (method.find()) {
            found.add(name + "." + method.group(1));
          }
        }
      }
    }
    Matcher named = Pattern.compile("`(\\w+Test\\.\\w+)`").matcher(page);
    Set<String> listed = new TreeSet<>();
    while (named.find()) {
      listed.add(named.group(1));
    }
    assertThat(listed).hasSizeGreaterThan(16);
    listed.removeAll(found);
    assertThat(listed).as("tests that are not there").isEmpty();
    List<Integer> rows =
        Pattern.compile("^\\| (\\d+) \\|", Pattern.MULTILINE)
            .matcher(page)
            .results()
            .map(row -> Integer.parseInt(row.group(1)))
            .toList();
    assertThat(rows).isEqualTo(IntStream.rangeClosed(1, 17).boxed().toList());
  }

  @Test
  void criteriaOnTheWholeHeadSeeTheWantedClassesByTheirOwnLabels() {
    DataSource data = Datasets.open("fashion");
    LoadedModel base =
        ModelLoader.load(
            new ModelConfig(
                "small-cnn", Optional.of("procedural"), OptionalInt.empty(), OptionalInt.empty()),
            Optional.of(DataShape.of(data)));
    CoupledChannels channels = CoupledChannels.of(base.model().graph());
    List<Integer> wanted = List.of(7, 3, 5);
    for (String name : List.of("taylor", "sensitivity", "lrp")) {
      Criterion criterion = Criteria.named(name);
      ScoringView view =
          new ScoringView(base, channels, wanted, Sight.of(criterion.resolve(Map.of())));
      Samples seen = view.images(data.train()).first(12);
      assertThat(IntStream.range(0, 12).map(seen::label).boxed().collect(Collectors.toSet()))
          .containsExactlyInAnyOrder(3, 5, 7);
      Samples remapped = Samples.all(data.train()).remapped(wanted).first(12);
      assertThat(score(name, base.model(), seen, Map.of()))
          .isNotEqualTo(score(name, base.model(), remapped, Map.of()));
    }
  }

  @Test
  void relevanceSelectsWithAndWithoutSkippedLayers() {
    Model model = resnet20();
    CoupledChannels channels = CoupledChannels.of(model.graph());
    Samples images = Samples.all(new SyntheticDataset(model.graph().input(), 3, 3, 5));
    Scores scores = score("lrp", model, images, Map.of());
    BitSet without = selected("lrp", scores, channels, 0.3, skipping(0));
    BitSet with = selected("lrp", scores, channels, 0.3, skipping(3));
    assertThat(without.cardinality()).isGreaterThan(with.cardinality());
    assertThat(with.cardinality()).isPositive();
    BitSet union = (BitSet) without.clone();
    union.or(with);
    assertThat(union).as("skipped layers' shares are not given back").isEqualTo(without);
  }

  @Test
  void severalRatiosOfOneScoreSelectAsEachAlone() {
    Model model = resnet20();
    CoupledChannels channels = CoupledChannels.of(model.graph());
    Scores once = score("ln", model, null, Map.of());
    BitSet before = new BitSet();
    for (double ratio : new double[] {0.3, 0.6, 0.9, 0.3}) {
      BitSet again = selected("ln", once, channels, ratio, skipping(0));
      assertThat(again)
          .isEqualTo(
              selected("ln", score("ln", model, null, Map.of()), channels, ratio, skipping(0)));
      assertThat(again).isNotEqualTo(before);
      before = again;
    }
  }

  @Test
  void masksByGradientTaylorAndChanceAreNotThoseBySize() {
    Model model = resnet20();
    Samples images = Samples.all(new SyntheticDataset(model.graph().input(), 4, 4, 5));
    Set<List<Float>> different = new HashSet<>();
    List<String> methods =
        List.of("magnitude", "unstructured-gradient", "unstructured-taylor", "unstructured-random");
    for (String name : methods) {
      Tensor scores =
          ((WeightScores) score(name, model, images, Map.of()))
              .parameters()
              .get("layer2.0.conv1.weight");
      different.add(IntStream.range(0, 50).mapToObj(scores::at).toList());
    }
    assertThat(different).hasSize(methods.size());
  }

  @Test
  void everyBatchHasASayInWhatImagesNeed() {
    Model model = resnet20();
    Samples all = Samples.all(new SyntheticDataset(model.graph().input(), 150, 3, 5));
    double[] whole = ((ClassScores) score("ocap", model, all, Map.of())).toArray();
    double[] highest = new double[whole.length];
    Arrays.fill(highest, Double.NEGATIVE_INFINITY);
    for (int part = 0; part < 3; part++) {
      double[] own =
          ((ClassScores) score("ocap", model, all.ofClasses(List.of(part)), Map.of())).toArray();
      for (int i = 0; i < own.length; i++) {
        highest[i] = Double.isNaN(own[i]) ? own[i] : Math.max(highest[i], own[i]);
      }
    }
    assertThat(whole).isEqualTo(highest);
    double[] first = ((ClassScores) score("ocap", model, all.first(128), Map.of())).toArray();
    assertThat(((ClassScores) score("ocap", model, all, Map.of("images", "first 128"))).toArray())
        .isEqualTo(first);
    assertThat(whole).isNotEqualTo(first);
  }

  @Test
  void innerConvolutionsOfBottlenecksAreFreeAndTheirLastOnesAreOneBundle() {
    ModelGraph graph = Zoo.build("resnet50", new NetworkSize(10, 3, 64, 64));
    CoupledChannels channels = CoupledChannels.of(graph);
    List<Bundle> bundles = channels.bundles(SelectionConfig.defaults());
    assertThat(of(bundles, "layer1.1.conv2").layers())
        .containsExactlyInAnyOrder("layer1.1.conv2", "layer1.1.bn2");
    assertThat(of(bundles, "layer1.1.conv3").layers())
        .contains("layer1.0.conv3", "layer1.1.conv3", "layer1.2.conv3", "layer1.0.downsample.0")
        .doesNotContain("layer1.1.conv2", "layer2.0.conv3");
  }

  private static Bundle of(List<Bundle> bundles, String layer) {
    return bundles.stream().filter(b -> b.layers().contains(layer)).findFirst().orElseThrow();
  }

  @Test
  void batchNormLearnsItsStatisticsInEveryEpochAlsoAfterValidation() {
    Samples images = Samples.all(Datasets.open("fashion").train());
    ModelGraph graph = Zoo.build("small-cnn", new NetworkSize(10, 1, 14, 14));
    Model start =
        ModelLoader.load(
                new ModelConfig(
                    "small-cnn",
                    Optional.of("procedural"),
                    OptionalInt.empty(),
                    OptionalInt.empty()),
                Optional.of(DataShape.of(Datasets.open("fashion"))))
            .model();
    assertThat(graph.parameters().keySet()).containsAnyOf("bn1.running_mean");
    List<float[]> means = new ArrayList<>();
    for (int epochs : new int[] {1, 3}) {
      TrainingResult result =
          Trainer.train(engine, start, images, validated(epochs), Map.of(), 3, Trainer.SILENT);
      assertThat(result.bestEpoch()).isGreaterThan(epochs == 1 ? 0 : 1);
      means.add(result.model().weights().get("bn1.running_mean").toArray());
    }
    assertThat(means.get(1)).isNotEqualTo(means.get(0));
  }

  private static TrainingConfig validated(int epochs) {
    return new TrainingConfig(
        epochs,
        Optimizer.SGD,
        0.002,
        0.9,
        0,
        64,
        Schedule.CONSTANT,
        30,
        0.1,
        false,
        0,
        0.2,
        5,
        600);
  }

  @Test
  void scalesOfBatchNormsCountInGroupTaylor() {
    Model model = resnet20();
    Samples images = Samples.all(new SyntheticDataset(model.graph().input(), 4, 4, 5));
    double[] counted = ((ClassScores) score("group-taylor", model, images, Map.of())).toArray();
    double[] leftOut =
        ((ClassScores) score("group-taylor", model, images, Map.of("batch-norm", "left-out")))
            .toArray();
    assertThat(counted).isNotEqualTo(leftOut);
  }

  @Test
  void geometricMediansOfGroupedAndShuffledNetworksAreScored() {
    for (String name : List.of("shufflenet_v2_x0_5", "regnet_y_400mf")) {
      ModelGraph graph = Zoo.build(name, new NetworkSize(10, 3, 64, 64));
      Model model = new Model(graph, Procedural.weights(graph));
      double[] scores = ((ClassScores) score("fpgm", model, null, Map.of())).toArray();
      CoupledChannels channels = CoupledChannels.of(graph);
      for (Bundle bundle : channels.bundles(SelectionConfig.defaults())) {
        for (int id : bundle.classes()) {
          assertThat(scores[id]).as(name + " " + bundle.root()).isFinite().isPositive();
        }
      }
    }
  }

  private static Model resnet20() {
    ModelGraph graph = Zoo.build("resnet20", new NetworkSize(10, 3, 16, 16));
    assertThat(graph.input()).isEqualTo(Shape.of(3, 16, 16));
    return new Model(graph, Procedural.weights(graph));
  }

  private static Scores score(
      String name, Model model, Samples images, Map<String, String> parameters) {
    Criterion criterion = Criteria.named(name);
    return criterion.score(
        new ScoringInput(
            model,
            CoupledChannels.of(model.graph()),
            criterion.resolve(parameters),
            Optional.ofNullable(images),
            Optional.of(engine),
            1));
  }

  private static SelectionConfig skipping(int layers) {
    SelectionConfig defaults = SelectionConfig.defaults();
    Limits none = Limits.NONE;
    return new SelectionConfig(
        Scope.GLOBAL,
        defaults.rounding(),
        defaults.onEmpty(),
        1,
        1,
        List.of(),
        List.of(),
        defaults.ties(),
        defaults.apply(),
        new Limits(
            none.ratios(),
            none.caps(),
            layers,
            Limits.Counted.CONV,
            none.zeroParts(),
            none.target(),
            1,
            none.between(),
            none.layer()));
  }

  private static BitSet selected(
      String name, Scores scores, CoupledChannels channels, double ratio, SelectionConfig config) {
    Criterion criterion = Criteria.named(name);
    double[] classes =
        criterion.classScores(
            scores,
            new Ranking(channels, config, new TreeMap<>(criterion.resolve(Map.of())), ratio));
    return Selection.select(channels, classes, ratio, config).removed();
  }
}
