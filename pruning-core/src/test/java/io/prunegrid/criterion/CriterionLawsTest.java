package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.data.Dataset;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.SyntheticDataset;
import io.prunegrid.zoo.Procedural;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for criteria whatever they measure. */
class CriterionLawsTest {
  private static final Set<String> OF_POSITION =
      Set.of("random", "unstructured-random", "pattern", "block");

  private static Engine engine;

  @BeforeAll
  static void open() {
    engine = Engine.open(ComputeDevice.CPU);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  static List<String> names() {
    return Criteria.all().stream()
        .filter(criterion -> !criterion.needs().contains(Need.FILE))
        .map(Criterion::name)
        .toList();
  }

  static Stream<String> dataBased() {
    return Criteria.all().stream().filter(Criterion::isDataBased).map(Criterion::name);
  }

  @ParameterizedTest
  @MethodSource("names")
  void scoresAreFiniteAndNotAllTheSame(String name) {
    double[] scores = scores(name, Tiny.model(), images(12), 64);
    double[] found = DoubleStream.of(scores).filter(v -> !Double.isNaN(v)).toArray();
    assertThat(found).isNotEmpty();
    assertThat(DoubleStream.of(found).allMatch(Double::isFinite)).isTrue();
    assertThat(DoubleStream.of(found).distinct().count()).isGreaterThan(1);
  }

  @ParameterizedTest
  @MethodSource("dataBased")
  void theOrderOfTheImagesDoesNotMatter(String name) {
    Samples images = images(13);
    assertSame(
        scores(name, Tiny.model(), Samples.all(new Reversed(images)), 64),
        scores(name, Tiny.model(), images, 64));
  }

  @ParameterizedTest
  @MethodSource("dataBased")
  void theBatchDoesNotMatter(String name) {
    double[] whole = scores(name, Tiny.model(), images(13), 64);
    assertSame(scores(name, Tiny.model(), images(13), 1), whole);
    assertSame(scores(name, Tiny.model(), images(13), 5), whole);
  }

  @ParameterizedTest
  @MethodSource("dataBased")
  void otherWantedClassesGiveOtherScores(String name) {
    assertThat(Criteria.named(name).isClassAware()).isTrue();
    Samples images = images(24);
    double[] some = scores(name, Tiny.model(), images.ofClasses(List.of(0, 1)), 64);
    double[] others = scores(name, Tiny.model(), images.ofClasses(List.of(1, 2)), 64);
    assertThat(some).isNotEqualTo(others);
  }

  @ParameterizedTest
  @MethodSource("dataBased")
  void allClassesScoreAsNoSubset(String name) {
    Samples images = images(12);
    assertThat(scores(name, Tiny.model(), images.ofClasses(List.of(0, 1, 2)), 64))
        .isEqualTo(scores(name, Tiny.model(), images, 64));
  }

  @ParameterizedTest
  @MethodSource("names")
  void aChannelAndItsDoubleScoreTheSame(String name) {
    assumeThat(OF_POSITION).doesNotContain(name);
    Model model = withDouble();
    Scores scores = found(name, model, images(12), 64);
    if (scores instanceof WeightScores weights) {
      Tensor own = weights.parameters().get("first.weight");
      int width = own.size() / own.shape().dim(0);
      for (int i = 0; i < width; i++) {
        assertThat(own.at(3 * width + i)).isCloseTo(own.at(2 * width + i), within(1e-5f));
      }
      return;
    }
    CoupledChannels channels = CoupledChannels.of(model.graph());
    double[] classes = classes(name, scores, channels);
    int[] ids = channels.outClasses("first");
    // equal ranks follow each other
    double slack = name.equals("ocap") ? 1 : 1e-5 * Math.abs(classes[ids[2]]);
    assertThat(classes[ids[3]]).isCloseTo(classes[ids[2]], within(slack));
    if (!name.equals("ocap")) {
      assertThat(classes[ids[1]]).isNotCloseTo(classes[ids[2]], within(slack));
    }
  }

  @ParameterizedTest
  @MethodSource("dataBased")
  void scoresInOnePassAreThoseOfOnePassEach(String name) {
    Criterion criterion = Criteria.named(name);
    assumeThat(ScoringPass.joins(criterion)).isTrue();
    Model model = Tiny.model();
    Samples images = images(9);
    List<ScoringPass.Work> all = new ArrayList<>();
    dataBased()
        .map(Criteria::named)
        .filter(ScoringPass::joins)
        .forEach(each -> all.add(new ScoringPass.Work(each, input(each, model, images))));
    List<Scores> together = ScoringPass.run(all);
    int own = IntStream.range(0, all.size()).filter(i -> all.get(i).criterion() == criterion).sum();
    CoupledChannels channels = CoupledChannels.of(model.graph());
    assertSame(
        flat(name, together.get(own), channels),
        flat(name, criterion.score(input(criterion, model, images)), channels));
  }

  /** Channel 3 of the first layer is channel 2, and read with the same weights. */
  private static Model withDouble() {
    GraphBuilder g = new GraphBuilder(Shape.of(2, 4, 4));
    String first =
        g.relu("relu1", g.batchNorm("bn1", g.conv("first", g.input(), 5, 3, 1, 1, Bias.NO)));
    String second = g.relu("relu2", g.conv("second", first, 4, 3, 2, 1, Bias.YES));
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", second), 3));
    Model model = new Model(graph, Procedural.weights(graph));
    Map<String, Tensor> changed = new LinkedHashMap<>();
    for (String parameter : List.of("weight", "bias", "running_mean", "running_var")) {
      changed.put("bn1." + parameter, copied(model, "bn1." + parameter, 0));
    }
    changed.put("first.weight", copied(model, "first.weight", 0));
    changed.put("second.weight", copied(model, "second.weight", 1));
    return new Model(graph, model.weights().with(changed));
  }

  private static Tensor copied(Model model, String name, int axis) {
    Tensor tensor = model.weights().get(name);
    float[] values = tensor.toArray();
    int inner = 1;
    for (int d = axis + 1; d < tensor.shape().rank(); d++) {
      inner *= tensor.shape().dim(d);
    }
    int size = tensor.shape().dim(axis);
    for (int outer = 0; outer < values.length / inner / size; outer++) {
      System.arraycopy(
          values, (outer * size + 2) * inner, values, (outer * size + 3) * inner, inner);
    }
    return Tensor.wrap(tensor.shape(), values);
  }

  private static Samples images(int count) {
    return Samples.all(new SyntheticDataset(Shape.of(2, 4, 4), count, 3, 5));
  }

  private static ScoringInput input(Criterion criterion, Model model, Samples images) {
    return new ScoringInput(
        model,
        CoupledChannels.of(model.graph()),
        criterion.resolve(Map.of()),
        Optional.of(images),
        Optional.of(engine),
        7);
  }

  private static Scores found(String name, Model model, Samples images, int batch) {
    Criterion criterion = Criteria.named(name);
    ScoringInput input = input(criterion, model, images);
    return ScoringPass.joins(criterion)
        ? ScoringPass.run(List.of(new ScoringPass.Work(criterion, input)), batch).get(0)
        : criterion.score(input);
  }

  private static double[] scores(String name, Model model, Samples images, int batch) {
    return flat(name, found(name, model, images, batch), CoupledChannels.of(model.graph()));
  }

  private static double[] flat(String name, Scores scores, CoupledChannels channels) {
    if (scores instanceof WeightScores weights) {
      return weights.parameters().values().stream()
          .flatMapToDouble(t -> IntStream.range(0, t.size()).mapToDouble(t::at))
          .toArray();
    }
    return classes(name, scores, channels);
  }

  private static double[] classes(String name, Scores scores, CoupledChannels channels) {
    Criterion criterion = Criteria.named(name);
    return criterion.classScores(
        scores, new Ranking(channels, Tiny.config(Scope.LOCAL), criterion.resolve(Map.of()), 0.5));
  }

  private static void assertSame(double[] found, double[] expected) {
    double largest =
        Arrays.stream(expected).filter(v -> !Double.isNaN(v)).map(Math::abs).max().orElseThrow();
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      if (Double.isNaN(expected[i])) {
        assertThat(found[i]).isNaN();
      } else {
        assertThat(found[i]).isCloseTo(expected[i], within(1e-5 * largest));
      }
    }
  }

  /** Images from the last to the first. */
  private record Reversed(Samples samples) implements Dataset {
    @Override
    public String spec() {
      return "reversed";
    }

    @Override
    public int size() {
      return samples.size();
    }

    @Override
    public Shape imageShape() {
      return samples.imageShape();
    }

    @Override
    public List<String> classNames() {
      return samples.dataset().classNames();
    }

    @Override
    public int label(int index) {
      return samples.label(size() - 1 - index);
    }

    @Override
    public void copyImage(int index, float[] to, int offset) {
      samples.copyImage(size() - 1 - index, to, offset);
    }

    @Override
    public String contentHash() {
      throw new UnsupportedOperationException();
    }
  }
}
