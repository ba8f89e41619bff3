package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.WeightMasks;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Scores that a person can check on paper. The network reads two pixels {@code x}; two filters of
 * one weight, 1 and -2, relu, and a linear layer whose first output adds all four values and whose
 * second is always 0. The image is (3, 1), of class 0: the filters give (3, 1) and (-6, -2), relu
 * leaves (3, 1) and (0, 0), the outputs are 4 and 0. The loss's gradient is {@code -q} at the first
 * output and at every value it adds, with {@code q = 1 / (e^4 + 1)}.
 */
class MethodsByHandTest {
  private static final double Q = 1 / (Math.exp(4) + 1);

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
  void activationsAreSummedBehindTheNonlinearity() {
    assertThat(scores("activation")).containsExactly(4, 0);
    assertThat(scores("activation", "tap", "layer")).containsExactly(4, 8);
    assertThat(scores("activation", "over", "mean")).containsExactly(2, 0);
  }

  @Test
  void positionsAboveZeroAreCounted() {
    assertThat(scores("apoz")).containsExactly(2, 0);
    assertThat(scores("apoz", "over", "mean")).containsExactly(1, 0);
  }

  @Test
  void firstOrderEffectsAreGradientTimesActivation() {
    assertThat(scores("sensitivity")).containsExactly(new double[] {2 * Q, 0}, within(1e-6));
    assertThat(scores("taylor")).containsExactly(new double[] {4 * Q, 0}, within(1e-6));
    // the mean over two positions, then length 1; 8 FLOPs for a map of either filter
    assertThat(scores("molchanov-taylor", "flops", "1000"))
        .containsExactly(new double[] {1 - 0.008, -0.008}, within(1e-6));
  }

  @Test
  void relevanceGoesToWhatWasAdded() {
    assertThat(scores("lrp")).containsExactly(new double[] {1, 0}, within(1e-5));
    assertThat(scores("lrp", "start", "logit", "amount", "signed"))
        .containsExactly(new double[] {4, 0}, within(1e-4));
  }

  @Test
  void theHighestRankOverTheImagesCounts() {
    assertThat(scores("ocap")).containsExactly(2, 1);
  }

  @Test
  void imagesThatKeepAChannelAreCounted() {
    // the first filter is the longer one of two images, the second of one
    Samples images = ByHand.samples(new float[][] {{3, 1}, {-3, -1}, {1, 2}}, new int[] {0, 0, 1});
    assertThat(scores("ocap", images, "keep", "frequency")).containsExactly(2, 1);
    assertThat(scores("ocap", images)).containsExactly(2, 2);
  }

  @Test
  void allWeightsOfAClassCountByGradients() {
    // the filter's weight has the gradient -4q, the two weights that read it -3q and -q
    assertThat(scores("group-taylor", "normalizer", "none"))
        .containsExactly(new double[] {(4 * Q + 4 * Q) / 2, 0}, within(1e-6));
    assertThat(scores("group-hessian", "normalizer", "none"))
        .containsExactly(new double[] {(16 + 9 + 1) * Q * Q / 2, 0}, within(1e-6));
    assertThat(weights("unstructured-gradient", "filters.weight"))
        .containsExactly(new double[] {4 * Q, 0}, within(1e-6));
    assertThat(weights("unstructured-taylor", "filters.weight"))
        .containsExactly(new double[] {4 * Q, 0}, within(1e-6));
  }

  @Test
  void squaresOverTheSquaresNotBelowThemAreLayerAdaptive() {
    assertThat(weights("magnitude", "filters.weight", "p", "2", "normalizer", "lamp"))
        .containsExactly(new double[] {1.0 / 5, 1}, within(1e-7));
    assertThat(weights("magnitude", "filters.weight", "normalizer", "lamp"))
        .containsExactly(new double[] {1.0 / 3, 1}, within(1e-7));
  }

  @Test
  void weightsCountByTheirInputs() {
    double length = Math.sqrt(10);
    assertThat(weights("unstructured-activation", "filters.weight"))
        .containsExactly(new double[] {length, 2 * length}, within(1e-5));
    assertThat(weights("unstructured-activation", "head.weight"))
        .containsExactly(new double[] {3, 1, 0, 0, 0, 0, 0, 0}, within(1e-5));
  }

  @ParameterizedTest
  @CsvSource({
    "ln, 1, 2",
    "group-magnitude, 1.5, 3",
    "fpgm, 1.5, 1.5",
    "lamp, 0.333333, 1",
  })
  void sizesOfFiltersAndOfWhatReadsThem(String method, double first, double second) {
    // squares: filters 1 and 4, columns that read them 2 and 2
    double[] found =
        method.equals("ln") || method.equals("lamp")
            ? scores(method)
            : scores(method, "normalizer", "none");
    assertThat(found).containsExactly(new double[] {first, second}, within(1e-5));
  }

  @Test
  void theMeanOfTheFirstAndLastMomentTellsClassesApart() {
    // means over pixels: 2 and 4 for class 0, 0 and 2 for class 1; variances 1
    Samples images =
        ByHand.samples(new float[][] {{1, 3}, {4, 4}, {0, 0}, {2, 2}}, new int[] {0, 0, 1, 1});
    double expected = 1 - Math.exp(-4.0 / 8);
    assertThat(scores("tvs", images, "tap", "layer"))
        .containsExactly(new double[] {expected, expected}, within(1e-5));
    assertThat(ClassMoments.hellinger(0, 1, 0, 4)).isCloseTo(1 - Math.sqrt(0.8), within(1e-12));
    assertThat(ClassMoments.hellinger(1, 0, 1, 0)).isZero();
    assertThat(ClassMoments.hellinger(1, 0, 2, 0)).isEqualTo(1);
  }

  @Test
  void singleWeightsBlocksAndKernelsBySize() {
    assertThat(weights("magnitude", "filters.weight")).containsExactly(1, 2);
    assertThat(weights("kernel", "filters.weight")).containsExactly(1, 2);
    assertThat(weights("block", "head.weight", "rows", "1", "columns", "2"))
        .containsExactly(new double[] {Math.sqrt(2), Math.sqrt(2), 0, 0}, within(1e-6));
    // deviation 1.5 about a mean of -0.5
    assertThat(weights("threshold", "filters.weight", "quality", "1"))
        .containsExactly(new double[] {1 / 1.5, 2 / 1.5}, within(1e-6));
    assertThat(weights("pattern", "head.weight", "keep", "1", "of", "2"))
        .containsExactly(1, 0, 1, 0, 1, 0, 1, 0);
    assertThat(weights("pattern", "head.weight", "rule", "every-other"))
        .containsExactly(0, 1, 0, 1, 0, 1, 0, 1);
  }

  @Test
  void aThresholdTakesWhatNobodyReadsAnyMore() {
    WeightScores found = (WeightScores) found("threshold", ByHand.image(), "quality", "1");
    WeightMasks masks =
        WeightMasks.select(
            new WeightMasks.Pool(
                found.parameters(),
                Map.of(),
                Map.of(),
                Criteria.named("threshold").rule(Map.of()),
                1,
                List.of()),
            0.5,
            SelectionConfig.defaults());
    // 1 of the filters is below its layer's deviation; zeros of the head are below theirs
    assertThat(mask(masks, "filters.weight")).containsExactly(0, 1);
    assertThat(mask(masks, "head.weight")).containsExactly(1, 1, 1, 1, 0, 0, 0, 0);
    WeightMasks dropped =
        masks.withoutIdle(model(), CoupledChannels.of(model().graph()), SelectionConfig.defaults());
    assertThat(mask(dropped, "head.weight")).containsExactly(0, 0, 1, 1, 0, 0, 0, 0);
    assertThat(dropped.removed()).isEqualTo(1 + 6);
    // a layer that is not pruned keeps what only idle channels use
    SelectionConfig filters = SelectionConfig.defaults().with(Limits.NONE.withLayer("filters"));
    WeightMasks kept = masks.withoutIdle(model(), CoupledChannels.of(model().graph()), filters);
    assertThat(mask(kept, "head.weight")).containsExactly(1, 1, 1, 1, 0, 0, 0, 0);
    assertThat(kept.removed()).isEqualTo(1 + 4);
  }

  @Test
  void scalesOfBatchNormsCountByTheirSize() {
    GraphBuilder g = new GraphBuilder(Shape.of(1, 1, 2));
    String x = g.batchNorm("norm", g.conv("filters", g.input(), 2, 1, 1, 0, Bias.NO));
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", x), 2));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    graph.parameters().forEach((name, spec) -> tensors.put(name, filled(spec.shape(), 1)));
    tensors.put("norm.weight", Tensor.wrap(Shape.of(2), new float[] {-0.5f, 1.5f}));
    Model model = new Model(graph, new Weights(tensors));
    Criterion scale = Criteria.named("bn-scale");
    CoupledChannels channels = CoupledChannels.of(graph);
    double[] classes =
        scale.classScores(
            scale.score(ScoringInput.of(model, scale.resolve(Map.of()))),
            new Ranking(channels, SelectionConfig.defaults(), scale.resolve(Map.of()), 0));
    assertThat(ByHand.byFilter(classes, channels)).containsExactly(0.5, 1.5);
  }

  private static double[] mask(WeightMasks masks, String name) {
    return values(masks.masks().get(name));
  }

  private static Tensor filled(Shape shape, float value) {
    float[] values = new float[Math.toIntExact(shape.size())];
    Arrays.fill(values, value);
    return Tensor.wrap(shape, values);
  }

  private static Model model() {
    GraphBuilder g = new GraphBuilder(Shape.of(1, 1, 2));
    String x = g.relu("relu", g.conv("filters", g.input(), 2, 1, 1, 0, Bias.NO));
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", x), 2));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("filters.weight", Tensor.wrap(Shape.of(2, 1, 1, 1), new float[] {1, -2}));
    tensors.put("head.weight", Tensor.wrap(Shape.of(2, 4), new float[] {1, 1, 1, 1, 0, 0, 0, 0}));
    tensors.put("head.bias", Tensor.wrap(Shape.of(2), new float[2]));
    return new Model(graph, new Weights(tensors));
  }

  private static Scores found(String method, Samples images, String... parameters) {
    return ByHand.found(engine, model(), method, images, parameters);
  }

  private static double[] scores(String method, String... parameters) {
    return scores(method, ByHand.image(), parameters);
  }

  private static double[] scores(String method, Samples images, String... parameters) {
    return ByHand.scores(engine, model(), method, images, parameters);
  }

  private static double[] weights(String method, String tensor, String... parameters) {
    return values(
        ((WeightScores) found(method, ByHand.image(), parameters)).parameters().get(tensor));
  }

  private static double[] values(Tensor tensor) {
    return IntStream.range(0, tensor.size()).mapToDouble(tensor::at).toArray();
  }
}
