package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.SyntheticDataset;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every method scores every network of the zoo, at a small resolution: finite, not all the same.
 * What is refused or left unscored is what docs/methods.md lists.
 */
class ZooScoresTest {
  private static final int[] SIDES = {32, 56, 63, 64, 75, 96, 224};

  /** Bytes of heap for each parameter: its weight, sums of gradients, scores and the collector. */
  private static final long BYTES = 24;

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
  @ValueSource(strings = {"resnet20", "squeezenet1_1", "shufflenet_v2_x0_5"})
  void everyMethodScoresNetworksOfEveryKindOfConvolution(String network) {
    assertScored(network);
  }

  static Stream<String> all() {
    return Zoo.names().stream();
  }

  @Tag("soak")
  @ParameterizedTest
  @MethodSource("all")
  void everyMethodScoresEveryNetwork(String network) {
    assertScored(network);
  }

  private static void assertScored(String network) {
    ModelGraph graph = small(network);
    long parameters =
        graph.parameters().values().stream().mapToLong(spec -> spec.shape().size()).sum();
    long heap = Runtime.getRuntime().maxMemory();
    assumeTrue(
        parameters * BYTES <= heap,
        String.format(
            Locale.ROOT,
            "the %,d parameters of %s need %,d MiB of heap, the tests have %,d; set"
                + " -Dtest.jvm.options",
            parameters,
            network,
            (parameters * BYTES) >> 20,
            heap >> 20));
    Model model = new Model(graph, Procedural.weights(graph));
    CoupledChannels channels = CoupledChannels.of(graph);
    Samples images = Samples.all(new SyntheticDataset(graph.input(), 4, 2, 3));
    TreeSet<String> refused = new TreeSet<>();
    TreeSet<String> unscored = new TreeSet<>();
    for (Criterion criterion : Criteria.all()) {
      if (criterion.needs().contains(Need.FILE)) {
        continue;
      }
      try {
        DoubleSummaryStatistics found =
            scores(criterion, model, channels, images).summaryStatistics();
        if (found.getCount() == 0) {
          unscored.add(criterion.name());
          continue;
        }
        assertThat(Double.isFinite(found.getMin()) && Double.isFinite(found.getMax()))
            .as(criterion.name() + " on " + network)
            .isTrue();
        if (found.getMin() == found.getMax()) {
          unscored.add(criterion.name());
        }
      } catch (BadInput bad) {
        refused.add(criterion.name());
      }
    }
    TreeSet<String> expected = new TreeSet<>();
    boolean several = graph.outputs().size() > 1;
    if (several || graph.shape(graph.output()).rank() > 1) {
      Criteria.all().stream()
          .filter(each -> several ? each.isDataBased() : each.needs().contains(Need.LABELS))
          .map(Criterion::name)
          .forEach(expected::add);
    }
    boolean normalized =
        graph.layers().stream().anyMatch(layer -> layer.op() instanceof Op.BatchNorm2d);
    boolean convolves = graph.layers().stream().anyMatch(layer -> layer.op() instanceof Op.Conv2d);
    assertThat(convolves).isTrue();
    assertThat(refused).as("refused on " + network).isEqualTo(expected);
    assertThat(unscored)
        .as("unscored on " + network)
        .isEqualTo(new TreeSet<>(normalized ? List.of() : List.of("bn-scale")));
  }

  /** At the smallest side that it takes. */
  private static ModelGraph small(String network) {
    NetworkSize published = Zoo.publishedSize(network);
    RuntimeException last = null;
    for (int side : SIDES) {
      try {
        return Zoo.build(network, new NetworkSize(10, published.channels(), side, side));
      } catch (RuntimeException e) {
        last = e;
      }
    }
    throw last;
  }

  private static DoubleStream scores(
      Criterion criterion, Model model, CoupledChannels channels, Samples images) {
    Scores found =
        criterion.score(
            new ScoringInput(
                model,
                channels,
                criterion.resolve(Map.of()),
                Optional.of(images),
                Optional.of(engine),
                1));
    if (found instanceof WeightScores weights) {
      return weights.parameters().values().stream()
          .flatMapToDouble(t -> IntStream.range(0, t.size()).mapToDouble(t::at));
    }
    double[] classes =
        criterion.classScores(
            found,
            new Ranking(channels, Tiny.config(Scope.LOCAL), criterion.resolve(Map.of()), 0.5));
    return DoubleStream.of(classes).filter(v -> !Double.isNaN(v));
  }
}
