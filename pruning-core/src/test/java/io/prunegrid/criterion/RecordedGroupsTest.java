package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.KeptChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Samples;
import io.prunegrid.format.Checkpoints;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.PruningOracle;
import io.prunegrid.testing.Shared;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * From weights to kept channels, the criteria of groups do what Torch-Pruning recorded, reductions
 * and normalizers too.
 */
class RecordedGroupsTest {
  private static final Map<String, String> VARIANTS =
      Map.ofEntries(
          Map.entry("mag_p1", "group-magnitude p=1"),
          Map.entry("mag_p2", "group-magnitude p=2"),
          Map.entry("bnscale", "bn-scale"),
          Map.entry("lamp", "lamp"),
          Map.entry("fpgm", "fpgm power=2"),
          Map.entry("taylor", "group-taylor batch-norm=left-out"),
          Map.entry("taylor_multivariable", "group-taylor sum=signed batch-norm=left-out"),
          Map.entry(
              "taylor_bias_none", "group-taylor bias=count normalizer=none batch-norm=left-out"),
          Map.entry("hessian_mean_fixed", "group-hessian"),
          Map.entry("hessian_reference", "group-hessian images=last"),
          Map.entry("gmag_p1_first_none", "group-magnitude p=1 reduction=first normalizer=none"),
          Map.entry("gmag_p2", "group-magnitude p=2"),
          Map.entry("gmag_p2_sum_none", "group-magnitude p=2 reduction=sum normalizer=none"),
          Map.entry("gmag_p2_max_max", "group-magnitude p=2 reduction=max normalizer=max"),
          Map.entry("gmag_p2_prod_sum", "group-magnitude p=2 reduction=prod normalizer=sum"),
          Map.entry(
              "gmag_p2_gate_standarization",
              "group-magnitude p=2 reduction=last normalizer=standardization"),
          Map.entry(
              "gmag_p1_mean_gaussian_bias", "group-magnitude p=1 normalizer=gaussian bias=count"),
          Map.entry("gmag_p2_mean_sentinel05", "group-magnitude p=2 normalizer=sentinel_0.5"));

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
  @ValueSource(
      strings = {"resnet18", "resnet50", "vgg16", "vgg16_bn", "resnet20_inner", "resnet56_inner"})
  void weightsLeadToTheRecordedScoresAndKeptChannels(String name) {
    compare(name, PruningOracle.read(name), Optional.empty());
  }

  @Test
  void gradientsLeadToTheRecordedScoresAndKeptChannels() {
    Samples images =
        Samples.all(Datasets.open("cifar10:" + Shared.require("data/cifar10-jpeg")).test());
    compare(
        "resnet20_inner", PruningOracle.read("resnet20_inner_grad"), Optional.of(images.first(64)));
  }

  @Test
  void innerGroupsScoreAsInTheWholeNetwork() {
    Samples images =
        Samples.all(Datasets.open("cifar10:" + Shared.require("data/cifar10-jpeg")).test());
    PruningOracle oracle = PruningOracle.read("resnet20_grad");
    Model model = model("resnet20_inner");
    CoupledChannels channels = CoupledChannels.of(model.graph());
    for (String importance : oracle.importances()) {
      Method method = Method.of(importance);
      Ranking ranking =
          new Ranking(channels, config("resnet20_inner", Scope.LOCAL, 1), method.parameters, 0);
      double[] found =
          method.criterion.classScores(
              method.scores(model, channels, Optional.of(images.first(64))), ranking);
      Map<String, double[]> inner = new LinkedHashMap<>(oracle.scores(importance));
      inner.keySet().removeIf(root -> !root.endsWith(".conv1"));
      assertThat(inner).hasSize(9);
      assertSameScores(channels, found, found, inner, importance);
    }
  }

  /** A criterion with parameters. */
  private record Method(Criterion criterion, SortedMap<String, String> parameters) {
    static Method of(String importance) {
      String[] words = VARIANTS.get(importance).split(" ", -1);
      Criterion criterion = Criteria.named(words[0]);
      Map<String, String> given = new HashMap<>();
      for (int i = 1; i < words.length; i++) {
        int equals = words[i].indexOf('=');
        given.put(words[i].substring(0, equals), words[i].substring(equals + 1).replace('_', ' '));
      }
      return new Method(criterion, criterion.resolve(given));
    }

    Scores scores(Model model, CoupledChannels channels, Optional<Samples> images) {
      return criterion.score(
          new ScoringInput(model, channels, parameters, images, Optional.of(engine), 0));
    }
  }

  private static void compare(String name, PruningOracle oracle, Optional<Samples> images) {
    Model model = model(name);
    CoupledChannels channels = CoupledChannels.of(model.graph());
    long scores = 0;
    int selections = 0;
    int near = 0;
    for (String importance : oracle.importances()) {
      boolean wide = importance.equals("fpgm") && name.startsWith("vgg");
      if (wide) {
        // 25,088 columns in one place would take minutes
        continue;
      }
      Method method = Method.of(importance);
      Scores found = method.scores(model, channels, images);
      double[] local =
          method.criterion.classScores(
              found, new Ranking(channels, config(name, Scope.LOCAL, 1), method.parameters, 0));
      double[] plain = importance.equals("lamp") ? ((ClassScores) found).toArray() : local;
      scores += assertSameScores(channels, local, plain, oracle.scores(importance), importance);
      assertThat(oracle.singleStep(importance)).isNotEmpty();
      for (PruningOracle.Configuration recorded : oracle.singleStep(importance)) {
        SelectionConfig config =
            config(name, recorded.isGlobal() ? Scope.GLOBAL : Scope.LOCAL, recorded.roundTo());
        double[] classes =
            method.criterion.classScores(
                found, new Ranking(channels, config, method.parameters, recorded.ratio()));
        Selection selection = Selection.select(channels, classes, recorded.ratio(), config);
        if (importance.equals("fpgm")) {
          near += assertSameButForTies(channels, classes, selection, recorded);
        } else {
          assertSameKept(
              name + " " + importance + " " + recorded,
              Removal.kept(channels, selection.removed()),
              recorded);
        }
        selections++;
      }
    }
    System.out.println(
        name + ": " + scores + " scores, " + selections + " selections, " + near + " near ties");
  }

  /**
   * The reference computes distances in float: where two scores are nearer than its digits, either
   * goes.
   */
  private static int assertSameButForTies(
      CoupledChannels channels,
      double[] classes,
      Selection selection,
      PruningOracle.Configuration recorded) {
    int near = 0;
    Map<String, LayerKept> kept = Removal.kept(channels, selection.removed());
    for (Map.Entry<String, LayerKept> entry : kept.entrySet()) {
      int[] ids = channels.outClasses(entry.getKey());
      Set<Integer> ours = set(entry.getValue().out().kept());
      Set<Integer> theirs =
          set(recorded.kept(entry.getKey(), "out").orElse(all(entry.getValue().out())));
      for (int c = 0; c < ids.length; c++) {
        if (ours.contains(c) != theirs.contains(c)) {
          double own = classes[ids[c]];
          assertThat(
                  selection.removed().stream()
                      .mapToDouble(id -> classes[id])
                      .anyMatch(other -> Math.abs(other - own) < 1e-4 * own))
              .as(recorded + " " + entry.getKey() + " channel " + c)
              .isTrue();
          near++;
        }
      }
    }
    assertThat(near).isLessThan(20);
    return near;
  }

  private static Set<Integer> set(int[] values) {
    return Arrays.stream(values).boxed().collect(Collectors.toSet());
  }

  private static long assertSameScores(
      CoupledChannels channels,
      double[] scores,
      double[] plain,
      Map<String, double[]> byRoot,
      String importance) {
    long compared = 0;
    for (Map.Entry<String, double[]> entry : byRoot.entrySet()) {
      int[] ids = channels.outClasses(entry.getKey());
      double largest = Arrays.stream(entry.getValue()).map(Math::abs).max().orElseThrow();
      for (int i = 0; i < ids.length; i++) {
        double recorded = entry.getValue()[i];
        double tolerance = tolerance(importance);
        double allowed =
            tolerance * Math.max(Math.abs(recorded), cancels(importance) ? largest : 0);
        if (importance.equals("lamp")) {
          // the reference subtracts a running sum in float, which hurts most at the end; and of
          // nearly equal scores either may come first, and then is or is not in the other's sum
          boolean last = recorded > 0.3;
          double twins = twins(plain, ids, i) * recorded;
          allowed = ((last ? 1e-2 : 1e-4) + twins / Math.max(0.5, 1 - twins)) * recorded;
        }
        assertThat(scores[ids[i]])
            .as(importance + " " + entry.getKey() + " channel " + i)
            .isCloseTo(recorded, within(allowed));
        compared++;
      }
    }
    assertThat(compared)
        .isEqualTo(
            byRoot.keySet().stream().mapToLong(root -> channels.outClasses(root).length).sum());
    return compared;
  }

  /** How many other channels score the same but for rounding. */
  private static long twins(double[] plain, int[] ids, int channel) {
    double own = plain[ids[channel]];
    return Arrays.stream(ids).filter(id -> Math.abs(plain[id] - own) < 2e-6 * own).count() - 1;
  }

  /** The reference loses digits in float: where vectors are far from zero, where signs cancel. */
  private static double tolerance(String importance) {
    return switch (importance) {
      case "fpgm" -> 1e-4;
      case "taylor_multivariable" -> 3e-5;
      default -> 1e-5;
    };
  }

  /** Sums of both signs, and normalizers that subtract, lose digits. */
  private static boolean cancels(String importance) {
    return importance.contains("standarization")
        || importance.contains("gaussian")
        || importance.contains("multivariable");
  }

  private static void assertSameKept(
      String what, Map<String, LayerKept> kept, PruningOracle.Configuration recorded) {
    kept.forEach(
        (layer, left) -> {
          assertThat(left.out().kept())
              .as(what + " " + layer + " out")
              .isEqualTo(recorded.kept(layer, "out").orElse(all(left.out())));
          left.in()
              .ifPresent(
                  in ->
                      assertThat(in.kept())
                          .as(what + " " + layer + " in")
                          .isEqualTo(recorded.kept(layer, "in").orElse(all(in))));
        });
  }

  private static int[] all(KeptChannels kept) {
    return IntStream.range(0, kept.of()).toArray();
  }

  private static Model model(String name) {
    String network = name.replace("_inner", "");
    ModelGraph graph = Zoo.build(network, Zoo.publishedSize(network));
    return switch (network) {
      case "resnet20" -> trained(graph, "resnet20-12fca82f.th");
      case "resnet56" -> trained(graph, "resnet56-4bfd9763.th");
      default -> new Model(graph, Procedural.weights(graph));
    };
  }

  private static Model trained(ModelGraph graph, String file) {
    return Model.bind(graph, Checkpoints.read(Shared.require("data/weights/" + file)), file);
  }

  private static SelectionConfig config(String name, Scope scope, int roundTo) {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        scope,
        defaults.rounding(),
        OnEmpty.SKIP,
        1,
        roundTo,
        name.endsWith("_inner") ? List.of("conv1", "*.conv2") : List.of(),
        List.of(),
        defaults.ties(),
        defaults.apply());
  }
}
