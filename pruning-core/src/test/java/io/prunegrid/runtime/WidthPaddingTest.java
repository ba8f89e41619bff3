package io.prunegrid.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.ReferenceInterpreter;
import io.prunegrid.train.TrainingConfig;
import io.prunegrid.train.TrainingConfig.Optimizer;
import io.prunegrid.zoo.Initialization;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WidthPaddingTest {
  /** Odd widths behind one another, inside a sum and in a shortcut. */
  private static ModelGraph graph() {
    GraphBuilder builder = new GraphBuilder(Shape.of(3, 8, 8));
    String stem = builder.conv("stem", builder.input(), 5, 3, 1, 1, Bias.NO);
    String start = builder.relu("relu", builder.batchNorm("bn", stem));
    String inner = builder.conv("inner", start, 11, 3, 1, 1, Bias.YES);
    String pooled = builder.maxPool("pool", builder.batchNorm("bn1", inner), 2, 2, 0);
    String left = builder.conv("left", pooled, 6, 3, 1, 1, Bias.NO);
    String right = builder.conv("right", start, 6, 1, 2, 0, Bias.YES);
    String sum = builder.relu("relu1", builder.add("sum", new Op.Add(), left, right));
    String last = builder.conv("last", sum, 7, 3, 1, 1, Bias.YES);
    String flat = builder.flatten("flat", builder.adaptiveAvgPool("mean", last, 1));
    return builder.build(builder.linear("fc", flat, 4));
  }

  @Test
  void channelsBetweenConvolutionsBecomeMultiplesOfEightAndTheOthersStay() {
    ModelGraph graph = graph();
    Model model = new Model(graph, Initialization.weights(graph, 1));
    ModelGraph wide = new WidthPadding(graph).widen(model).graph();
    assertThat(wide.shape("stem").channels()).isEqualTo(8);
    assertThat(wide.shape("pool").channels()).isEqualTo(16);
    assertThat(wide.shape("sum").channels()).isEqualTo(8);
    assertThat(wide.shape("last").channels()).isEqualTo(7);
    assertThat(wide.input()).isEqualTo(graph.input());
  }

  @Test
  void wideNetworksComputeTheSameFunctionAndNarrowBackBitForBit() {
    for (long seed = 0; seed < 100; seed++) {
      ModelGraph graph = RandomNetworks.convolutional(seed, 3 + (int) (seed % 9), 9);
      Model model = RandomNetworks.model(graph, seed);
      WidthPadding padding = new WidthPadding(graph);
      Model wide = padding.widen(model);
      double[] image = RandomNetworks.image(graph, seed);
      assertThat(new ReferenceInterpreter(wide).output(image))
          .usingComparatorWithPrecision(1e-9)
          .containsExactly(new ReferenceInterpreter(model).output(image));
      assertThat(padding.narrow(wide.weights())).isEqualTo(model);
    }
  }

  @ParameterizedTest
  @EnumSource(Optimizer.class)
  void addedChannelsStayExactlyZeroThroughTraining(Optimizer optimizer) {
    ModelGraph graph = graph();
    Model model = new Model(graph, Initialization.weights(graph, 1));
    Model wide = new WidthPadding(graph).widen(model);
    Weights trained = trained(wide, optimizer);
    trained
        .asMap()
        .forEach(
            (name, tensor) -> {
              Shape narrow = model.weights().get(name).shape();
              if (!name.endsWith("running_var")) {
                assertThat(sumOutside(tensor, narrow)).as(name).isZero();
              }
            });
    assertThat(new WidthPadding(graph).narrow(trained))
        .isEqualTo(new Model(graph, trained(model, optimizer)));
  }

  private static Weights trained(Model model, Optimizer optimizer) {
    TrainingConfig defaults = TrainingConfig.defaults();
    TrainingConfig config =
        new TrainingConfig(
            1, optimizer, 0.1, 0.9, 0.01, 8, defaults.schedule(), 1, 1, false, 0, 0, 0, 0);
    int[] labels = IntStream.range(0, 8).map(i -> i % 4).toArray();
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        TrainingSession session = engine.training(model, config.updateRule(), Map.of(), 1)) {
      for (int step = 0; step < 5; step++) {
        session.step(InferenceSessionTest.noise(8 * 192, step), 8, labels, 0.01);
      }
      return session.model().weights();
    }
  }

  private static double sumOutside(Tensor tensor, Shape narrow) {
    Shape shape = tensor.shape();
    int inner = shape.rank() > 1 ? shape.dim(1) : 1;
    int innerNarrow = shape.rank() > 1 ? narrow.dim(1) : 1;
    int block = tensor.size() / shape.dim(0) / inner;
    double sum = 0;
    for (int i = 0; i < tensor.size(); i++) {
      boolean inside = i / block / inner < narrow.dim(0) && i / block % inner < innerNarrow;
      sum += inside ? 0 : Math.abs(tensor.at(i));
    }
    return sum;
  }
}
