package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.graph.ElementOp.Activation;
import io.prunegrid.graph.ElementOp.Arithmetic;
import io.prunegrid.graph.ElementOp.Clip;
import io.prunegrid.graph.ElementOp.Function;
import io.prunegrid.graph.ElementOp.Operation;
import io.prunegrid.graph.ElementOp.PRelu;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which node's output stands for a layer's, whatever nonlinearity the network has. */
class TapPointTest {
  static Stream<Op> nonlinearities() {
    return Stream.concat(
        Stream.of(new Op.Relu(), new PRelu(1), new Clip(0, 6)),
        Stream.of(Function.values()).map(Activation::new));
  }

  @ParameterizedTest
  @MethodSource("nonlinearities")
  void everyFunctionOfElementsIsANonlinearity(Op function) {
    GraphBuilder g = new GraphBuilder(Shape.of(1, 1, 2));
    String x = g.add("bent", function, g.conv("filters", g.input(), 2, 1, 1, 0, Bias.NO));
    x = g.batchNorm("norm", g.conv("more", x, 2, 1, 1, 0, Bias.NO));
    x = g.linear("hidden", g.flatten("flatten", g.add("again", function, x)), 3);
    ModelGraph graph = g.build(g.linear("head", g.add("last", function, x), 2));

    assertThat(places(graph, TapPoint.NONLINEARITY)).containsExactly("bent", "again", "last");
    assertThat(places(graph, TapPoint.NORM)).containsExactly("bent", "norm", "last");
    assertThat(places(graph, TapPoint.LAYER)).containsExactly("filters", "more", "hidden");
  }

  @Test
  void whatOthersReadTooIsTheLayersOwn() {
    GraphBuilder g = new GraphBuilder(Shape.of(1, 1, 2));
    String x = g.conv("filters", g.input(), 2, 1, 1, 0, Bias.NO);
    x = g.add("product", new Arithmetic(Operation.MULTIPLY), x, g.relu("relu", x));
    x = g.conv("more", x, 2, 1, 1, 0, Bias.NO);
    x = g.linear("hidden", g.flatten("flatten", g.maxPool("pool", x, 1, 1, 0)), 3);
    ModelGraph graph = g.build(g.linear("head", x, 2));

    assertThat(places(graph, TapPoint.NONLINEARITY)).containsExactly("filters", "more", "hidden");
  }

  /**
   * The image (3, 1), filters of one weight, 1 and -2: they give (3, 1) and (-6, -2), of which
   * hardswish makes (3, 2/3) and (0, -1/3). The first output adds these up to 10/3, the second is
   * 0.
   */
  @Test
  void valuesBehindHardswishCanBeChecked() {
    GraphBuilder g = new GraphBuilder(Shape.of(1, 1, 2));
    String x =
        g.add(
            "bent",
            new Activation(Function.HARDSWISH),
            g.conv("filters", g.input(), 2, 1, 1, 0, Bias.NO));
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", x), 2));
    Model model =
        new Model(
            graph,
            new Weights(
                Map.of(
                    "filters.weight", Tensor.wrap(Shape.of(2, 1, 1, 1), new float[] {1, -2}),
                    "head.weight",
                        Tensor.wrap(Shape.of(2, 4), new float[] {1, 1, 1, 1, 0, 0, 0, 0}),
                    "head.bias", Tensor.wrap(Shape.of(2), new float[2]))));
    double q = 1 / (Math.exp(10 / 3.0) + 1);
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      assertThat(ByHand.scores(engine, model, "activation", ByHand.image()))
          .containsExactly(new double[] {11 / 3.0, 1 / 3.0}, within(1e-6));
      assertThat(scores(engine, model, "activation", "layer"))
          .containsExactly(new double[] {4, 8}, within(1e-6));
      assertThat(scores(engine, model, "apoz", "nonlinearity")).containsExactly(2, 0);
      assertThat(scores(engine, model, "sensitivity", "nonlinearity"))
          .containsExactly(new double[] {2 * q, 2 * q}, within(1e-6));
      assertThat(scores(engine, model, "taylor", "nonlinearity"))
          .containsExactly(new double[] {q * 11 / 3, q / 3}, within(1e-6));
    }
  }

  private static double[] scores(Engine engine, Model model, String method, String tap) {
    return ByHand.scores(engine, model, method, ByHand.image(), TapPoint.NAME, tap);
  }

  private static Stream<String> places(ModelGraph graph, TapPoint point) {
    return Layers.producers(graph).stream()
        .filter(layer -> !layer.name().equals("head"))
        .map(layer -> point.after(graph, layer));
  }
}
