package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.WeightMasks;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Filters;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.SyntheticDataset;
import io.prunegrid.zoo.Procedural;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transposed convolutions are scored like others, though their weights lie the other way round. */
class TransposedTest {
  private static Engine engine;

  @BeforeAll
  static void open() {
    engine = Engine.open(ComputeDevice.CPU);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  /** Each value makes one channel and reads one, and plain loops over torch's shapes say which. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void everyValueIsOfOneChannelOnEachSide(int groups) {
    for (Op op : List.of(convolution(8, 12, groups), transposed(8, 12, groups))) {
      boolean turned = op instanceof SpatialOp.ConvTranspose2d;
      Shape shape = turned ? Shape.of(8, 12 / groups, 3, 3) : Shape.of(12, 8 / groups, 3, 3);
      Filters filters = Filters.of(op, shape);
      assertThat(filters.outputs()).isEqualTo(12);
      assertThat(filters.inputs()).isEqualTo(8);
      for (int a = 0; a < shape.dim(0); a++) {
        for (int b = 0; b < shape.dim(1); b++) {
          int group = a / (shape.dim(0) / groups);
          int other = group * shape.dim(1) + b;
          int place = (a * shape.dim(1) + b) * 9 + 4;
          assertThat(filters.outputOf(place)).isEqualTo(turned ? other : a);
          assertThat(filters.inputOf(place)).isEqualTo(turned ? a : other);
        }
      }
      Set<Integer> seen = new HashSet<>();
      for (int c = 0; c < 12; c++) {
        for (int i = 0; i < filters.perOutput(); i++) {
          int place = filters.output(c, i);
          assertThat(filters.outputOf(place)).isEqualTo(c);
          seen.add(place);
        }
      }
      assertThat(seen).hasSize((int) shape.size());
      seen.clear();
      for (int c = 0; c < 8; c++) {
        for (int i = 0; i < filters.perInput(); i++) {
          assertThat(filters.inputOf(filters.input(c, i))).isEqualTo(c);
          seen.add(filters.input(c, i));
        }
      }
      assertThat(seen).hasSize((int) shape.size());
    }
  }

  @Test
  void normsAreOfTheFiltersThatMakeAChannel() {
    Model model = model();
    Tensor weight = model.weights().get("up.weight");
    double[] norms = ((LayerScores) found("ln", model)).of("up");
    assertThat(norms).hasSize(6);
    for (int c = 0; c < 6; c++) {
      double sum = 0;
      for (int row = 0; row < 4; row++) {
        for (int k = 0; k < 9; k++) {
          sum += Math.abs(weight.at((row * 6 + c) * 9 + k));
        }
      }
      assertThat(norms[c]).isCloseTo(sum, within(1e-9));
    }
  }

  @Test
  void everyMethodScoresTheChannelsThatAreMade() {
    Model model = model();
    CoupledChannels channels = CoupledChannels.of(model.graph());
    for (Criterion criterion : Criteria.all()) {
      if (criterion.needs().contains(Need.FILE)
          || criterion.name().equals("bn-scale")
          || criterion.unit() == Unit.WEIGHTS) {
        continue;
      }
      double[] classes =
          criterion.classScores(
              found(criterion.name(), model),
              new Ranking(channels, Tiny.config(Scope.LOCAL), criterion.resolve(Map.of()), 0.5));
      assertThat(IntStream.of(channels.outClasses("up")).mapToDouble(id -> classes[id]).toArray())
          .as(criterion.name())
          .doesNotContain(Double.NaN);
    }
    double[] magnitudes = ((ClassScores) found("group-magnitude", model)).toArray();
    double[] distances = ((ClassScores) found("fpgm", model)).toArray();
    for (int id : channels.outClasses("up")) {
      assertThat(magnitudes[id]).isPositive();
      assertThat(distances[id]).isPositive();
    }
  }

  @Test
  void weightsCountByTheChannelThatTheyRead() {
    Model model = model();
    Tensor weight = model.weights().get("up.weight");
    Tensor scores =
        ((WeightScores) found("unstructured-activation", model)).parameters().get("up.weight");
    for (int row = 0; row < 4; row++) {
      double norm = scores.at(row * 54) / Math.abs(weight.at(row * 54));
      for (int i = row * 54; i < (row + 1) * 54; i++) {
        assertThat(scores.at(i) / Math.abs(weight.at(i))).isCloseTo((float) norm, within(1e-3f));
      }
    }
  }

  /**
   * Channels 0 and 1 of the sum: the convolution's filters are masked, the transposed one's not.
   */
  @Test
  void aChannelThatATransposedConvolutionStillMakesIsNotIdle() {
    GraphBuilder g = new GraphBuilder(Shape.of(3, 4, 4));
    String plain = g.conv("plain", g.input(), 4, 3, 1, 1, Bias.NO);
    String turned = g.add("turned", transposed(3, 4, 1), g.input());
    String sum = g.relu("relu", g.add("sum", new Op.Add(), plain, turned));
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", sum), 2));
    Model model = new Model(graph, Procedural.weights(graph));
    Map<String, Tensor> masks = new LinkedHashMap<>();
    for (String name : List.of("plain.weight", "turned.weight", "head.weight")) {
      Shape shape = model.weights().get(name).shape();
      float[] mask = new float[(int) shape.size()];
      for (int i = 0; i < mask.length; i++) {
        boolean plainOnly = name.equals("plain.weight") && i < 2 * 27;
        // the transposed one's filter of channel 1 goes too
        boolean both = name.equals("turned.weight") && i / 9 % 4 == 1;
        mask[i] = plainOnly || both ? 0 : 1;
      }
      masks.put(name, Tensor.wrap(shape, mask));
    }
    WeightMasks dropped =
        new WeightMasks(masks, 1000, 81)
            .withoutIdle(model, CoupledChannels.of(graph), SelectionConfig.defaults());
    Tensor head = dropped.masks().get("head.weight");
    for (int feature = 0; feature < 64; feature++) {
      assertThat(head.at(feature)).as("feature " + feature).isEqualTo(feature / 16 == 1 ? 0 : 1);
    }
  }

  private static Op convolution(int in, int out, int groups) {
    return new Op.Conv2d(
        in, out, Size2d.square(3), Size2d.ONE, Size2d.square(1), Size2d.ONE, groups, false);
  }

  private static Op transposed(int in, int out, int groups) {
    return new SpatialOp.ConvTranspose2d(
        in,
        out,
        Size2d.square(3),
        Size2d.ONE,
        Size2d.square(1),
        Size2d.square(0),
        Size2d.ONE,
        groups,
        false);
  }

  private static Model model() {
    GraphBuilder g = new GraphBuilder(Shape.of(3, 4, 4));
    String first = g.relu("relu1", g.conv("first", g.input(), 4, 3, 1, 1, Bias.NO));
    String up = g.relu("relu2", g.add("up", transposed(4, 6, 1), first));
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", up), 3));
    return new Model(graph, Procedural.weights(graph));
  }

  private static Scores found(String name, Model model) {
    Criterion criterion = Criteria.named(name);
    return criterion.score(
        new ScoringInput(
            model,
            CoupledChannels.of(model.graph()),
            criterion.resolve(Map.of()),
            Optional.of(Samples.all(new SyntheticDataset(model.graph().input(), 6, 3, 5))),
            Optional.of(engine),
            1));
  }
}
