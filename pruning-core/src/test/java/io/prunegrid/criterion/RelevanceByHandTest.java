package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Relevance that a person can check on paper. The image is (3, 1); two filters of one weight, 1 and
 * 2, give (3, 1) and (6, 2). What reads them takes the first filter's values with weight 1 and the
 * second's with -1, so that the label's output is 4 - 8 = -4. It begins with relevance 1.
 */
class RelevanceByHandTest {
  @Test
  void linearLayersShareByTheirRule() {
    GraphBuilder g = network();
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", "filters"), 2));
    check(
        model(graph, Map.of("head.weight", new float[] {1, 1, -1, -1, 0, 0, 0, 0})), "linear-rule");
  }

  /** The same with a convolution in between; its values are (-3, -1), each a part of -4. */
  @Test
  void convolutionsShareByTheirRule() {
    GraphBuilder g = network();
    String x = g.conv("mixed", "filters", 1, 1, 1, 0, Bias.NO);
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", x), 2));
    check(
        model(
            graph,
            Map.of("mixed.weight", new float[] {1, -1}, "head.weight", new float[] {1, 1, 0, 0})),
        "rule");
  }

  private static void check(Model model, String layers) {
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      // 3/4 and 1/4 go to the first filter, nothing to what speaks against
      assertThat(signed(engine, model, layers, "z-plus"))
          .containsExactly(new double[] {1, 0}, within(1e-5));
      // 3/-4, 1/-4 and -6/-4, -2/-4
      assertThat(signed(engine, model, layers, "epsilon"))
          .containsExactly(new double[] {-1, 2}, within(1e-5));
      // 2 times (3/4, 1/4) less (6/8, 2/8)
      assertThat(signed(engine, model, layers, "alpha-beta"))
          .containsExactly(new double[] {2, -1}, within(1e-5));
      assertThat(ByHand.scores(engine, model, "lrp", ByHand.image(), layers, "alpha-beta"))
          .containsExactly(new double[] {2, 1}, within(1e-5));
      // 3 times (3/4, 1/4) less 2 times (6/8, 2/8)
      assertThat(signed(engine, model, layers, "alpha-beta", "alpha", "3"))
          .containsExactly(new double[] {3, -2}, within(1e-5));
    }
  }

  /** An epsilon as large as the output halves what is sent, and a bias takes its share. */
  @Test
  void theEpsilonRuleLosesToEpsilonAndToTheBias() {
    GraphBuilder g = network();
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", "filters"), 2));
    float[] head = {1, 1, -1, -1, 0, 0, 0, 0};
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      assertThat(
              signed(
                  engine,
                  model(graph, Map.of("head.weight", head)),
                  "linear-rule",
                  "epsilon",
                  "epsilon",
                  "4"))
          .containsExactly(new double[] {-0.5, 1}, within(1e-5));
      assertThat(
              signed(
                  engine,
                  model(graph, Map.of("head.weight", head, "head.bias", new float[] {-4, 0})),
                  "linear-rule",
                  "epsilon"))
          .containsExactly(new double[] {-0.5, 1}, within(1e-5));
    }
  }

  private static double[] signed(
      Engine engine, Model model, String layers, String rule, String... more) {
    String[] parameters = new String[4 + more.length];
    parameters[0] = layers;
    parameters[1] = rule;
    parameters[2] = "amount";
    parameters[3] = "signed";
    System.arraycopy(more, 0, parameters, 4, more.length);
    return ByHand.scores(engine, model, "lrp", ByHand.image(), parameters);
  }

  private static GraphBuilder network() {
    GraphBuilder g = new GraphBuilder(Shape.of(1, 1, 2));
    g.conv("filters", g.input(), 2, 1, 1, 0, Bias.NO);
    return g;
  }

  /** Weights as given, all others 0. */
  private static Model model(ModelGraph graph, Map<String, float[]> given) {
    Map<String, float[]> values = new LinkedHashMap<>(given);
    values.put("filters.weight", new float[] {1, 2});
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    graph
        .parameters()
        .forEach(
            (name, spec) ->
                tensors.put(
                    name,
                    Tensor.wrap(
                        spec.shape(),
                        values.getOrDefault(
                            name, new float[Math.toIntExact(spec.shape().size())]))));
    return new Model(graph, new Weights(tensors));
  }
}
