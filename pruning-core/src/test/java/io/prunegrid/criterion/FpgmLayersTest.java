package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The geometric median layer by layer, after filters of small norm are set apart. */
class FpgmLayersTest {
  private static final Criterion FPGM = Criteria.named("fpgm");

  private static Engine engine;

  @BeforeAll
  static void open() {
    engine = Engine.open(ComputeDevice.CPU);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  /** Five filters of one weight: 0.5, 1, 2, 4, 8. */
  @Test
  void distancesOnPaper() {
    assertThat(byHand(Map.of("places", "layers")))
        .containsExactly(new double[] {13, 11.5, 10.5, 12.5, 24.5}, within(1e-6));
    // without the smallest: 11, 9, 9 and 17, whose mean is 11.5
    assertThat(byHand(Map.of("places", "layers", "norm-share", "0.2")))
        .containsExactly(new double[] {5.75, 22.5, 20.5, 20.5, 28.5}, within(1e-6));
    assertThat(byHand(Map.of("places", "layers", "norm-share", "0.4")))
        .containsExactly(new double[] {8 / 3.0, 16 / 3.0, 16, 14, 18}, within(1e-5));
  }

  @Test
  void aNormShareIsOfLayers() {
    assertThatThrownBy(() -> FPGM.resolve(Map.of("norm-share", "0.1")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("allowed: layers");
  }

  /** The paper's code, written again: two loops over flattened filters of each convolution. */
  @Test
  void whatGoesOfEachConvolutionIsWhatThePapersCodeTakes() {
    ModelGraph graph = Zoo.build("resnet20", Zoo.publishedSize("resnet20"));
    Model model = new Model(graph, Procedural.weights(graph));
    int compared = 0;
    for (String normShare : List.of("0", "0.1", "0.25")) {
      for (Node layer : graph.layers()) {
        if (!(layer.op() instanceof Op.Conv2d conv)) {
          continue;
        }
        double[] scores =
            new LayerDistances(
                    new ScoringInput(
                        model,
                        CoupledChannels.of(graph),
                        FPGM.resolve(Map.of("places", "layers", "norm-share", normShare)),
                        Optional.empty(),
                        Optional.of(engine),
                        0),
                    layer,
                    "fpgm")
                .scores(Double.parseDouble(normShare));
        Tensor weight = model.weights().get(layer.parameterName("weight"));
        for (double distanceShare : new double[] {0.1, 0.4}) {
          Set<Integer> expected = reference(weight, Double.parseDouble(normShare), distanceShare);
          List<Integer> order =
              IntStream.range(0, conv.out())
                  .boxed()
                  .sorted(Comparator.comparingDouble(i -> scores[i]))
                  .limit(expected.size())
                  .toList();
          assertThat(new HashSet<>(order)).as(layer.module()).isEqualTo(expected);
          compared++;
        }
      }
    }
    assertThat(compared).isEqualTo(3 * 19 * 2);
  }

  private static Set<Integer> reference(Tensor weight, double normShare, double distanceShare) {
    int n = weight.shape().dim(0);
    int size = weight.size() / n;
    List<Integer> byNorm = new ArrayList<>(IntStream.range(0, n).boxed().toList());
    byNorm.sort(Comparator.comparingDouble(i -> distance(weight, size, i, -1)));
    int apart = (int) (n * normShare);
    Set<Integer> gone = new HashSet<>(byNorm.subList(0, apart));
    List<Integer> rest = byNorm.subList(apart, n);
    rest.stream()
        .sorted(
            Comparator.comparingDouble(
                i -> rest.stream().mapToDouble(j -> distance(weight, size, i, j)).sum()))
        .limit((int) (n * distanceShare))
        .forEach(gone::add);
    return gone;
  }

  private static double distance(Tensor weight, int size, int i, int j) {
    double sum = 0;
    for (int k = 0; k < size; k++) {
      double difference = weight.at(i * size + k) - (j < 0 ? 0 : weight.at(j * size + k));
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }

  private static double[] byHand(Map<String, String> parameters) {
    GraphBuilder g = new GraphBuilder(Shape.of(1, 1, 1));
    String x = g.conv("filters", g.input(), 5, 1, 1, 0, Bias.NO);
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", x), 2));
    Model model =
        new Model(
            graph,
            new Weights(
                Map.of(
                    "filters.weight",
                    Tensor.wrap(Shape.of(5, 1, 1, 1), new float[] {0.5f, 1, 2, 4, 8}),
                    "head.weight",
                    Tensor.wrap(Shape.of(2, 5), new float[] {1, 0, 0, 0, 0, 0, 9, 0, 0, 3}),
                    "head.bias",
                    Tensor.wrap(Shape.of(2), new float[2]))));
    CoupledChannels channels = CoupledChannels.of(graph);
    double[] classes =
        ((ClassScores)
                FPGM.score(
                    new ScoringInput(
                        model,
                        channels,
                        FPGM.resolve(parameters),
                        Optional.empty(),
                        Optional.of(engine),
                        0)))
            .toArray();
    assertThat(channels.bundles(SelectionConfig.defaults())).hasSize(1);
    return IntStream.of(channels.outClasses("filters")).mapToDouble(id -> classes[id]).toArray();
  }
}
