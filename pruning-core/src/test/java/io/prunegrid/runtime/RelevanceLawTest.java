package io.prunegrid.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.TokenOp;
import io.prunegrid.runtime.RelevanceRules.Box;
import io.prunegrid.runtime.RelevanceRules.Rule;
import io.prunegrid.runtime.RelevanceRules.Start;
import io.prunegrid.runtime.RelevanceRules.ZPlus;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Relevance is neither made nor lost on its way from a label to the pixels. */
class RelevanceLawTest {
  private static final Rule PLUS = new ZPlus(1e-12);

  @ParameterizedTest
  @CsvSource({
    "resnet20, 16",
    "cifarvgg, 32",
    "small-cnn, 14",
    "squeezenet1_1, 48",
    "densenet121, 32",
    "mobilenet_v2, 32",
    "shufflenet_v2_x0_5, 32",
    "googlenet, 48",
    "regnet_y_400mf, 32",
    "mobilenet_v3_small, 32",
    "efficientnet_b0, 32",
    "mnasnet0_5, 32",
    "convnext_tiny, 32",
    "resnext50_32x4d, 32",
    "inception_v3, 75",
    "vgg11_bn, 32",
    "vit_b_16, 32"
  })
  void everyLayerSendsWhatItHas(String network, int side) {
    int channels = network.equals("small-cnn") ? 1 : 3;
    ModelGraph graph = Zoo.build(network, new NetworkSize(10, channels, side, side));
    conserve(
        new Model(graph, Procedural.weights(graph)),
        new RelevanceRules(PLUS, PLUS, Optional.empty(), Start.ONE));
  }

  @Test
  void theBoxRuleSendsWhatItHasToThePixels() {
    ModelGraph graph = Zoo.build("resnet20", new NetworkSize(10, 3, 16, 16));
    conserve(
        new Model(graph, Procedural.weights(graph)),
        new RelevanceRules(PLUS, PLUS, Optional.of(new Box(-6, 6)), Start.ONE));
  }

  @Test
  void gainsAndLossesOfTheAlphaBetaRuleComeToTheWhole() {
    ModelGraph graph = Zoo.build("cifarvgg", new NetworkSize(10, 3, 32, 32));
    Rule rule = new RelevanceRules.AlphaBeta(2);
    conserve(
        new Model(graph, Procedural.weights(graph)),
        new RelevanceRules(rule, rule, Optional.empty(), Start.ONE));
  }

  private static void conserve(Model model, RelevanceRules rules) {
    int n = 2;
    int pixels = Math.toIntExact(model.graph().input().size());
    float[] images = InferenceSessionTest.noise(n * pixels, 3);
    Set<String> all = new HashSet<>();
    int[] layers = {0};
    double[] atEnds = {0, 0};
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        PtNDManager manager = engine.newManager()) {
      engine.enterThread();
      RelevancePass pass = new RelevancePass(manager, model, rules);
      model.graph().nodes().forEach(node -> all.add(node.name()));
      Set<String> ends = new HashSet<>();
      model.graph().nodes().stream()
          .filter(node -> node.op() instanceof Op.Input || node.op() instanceof TokenOp.Parameter)
          .forEach(node -> ends.add(node.name()));
      try (PtNDManager step = manager.newSubManager(manager.getDevice())) {
        long side = model.graph().input().dim(1);
        long channels = model.graph().input().dim(0);
        PtNDArray x = Kernels.upload(step, images, n, channels, side, side);
        pass.run(
            step,
            x,
            new int[] {1, 7},
            all,
            new RelevancePass.Visitor() {
              @Override
              public void visit(String node, PtNDArray relevance) {
                if (ends.contains(node)) {
                  atEnds[0] += sum(relevance, false);
                  atEnds[1] += sum(relevance, true);
                }
              }

              @Override
              public void sent(String node, PtNDArray relevance, List<PtNDArray> parts) {
                double has = sum(relevance, false);
                double sends = 0;
                for (PtNDArray part : parts) {
                  sends += part == null ? 0 : sum(part, false);
                }
                assertThat(sends)
                    .as(node)
                    .isCloseTo(has, within(1e-4 * Math.max(n, sum(relevance, true))));
                layers[0]++;
              }
            });
      }
    }
    assertThat(layers[0]).isGreaterThan(5);
    assertThat(atEnds[0])
        .as("pixels and learned tokens")
        .isCloseTo(n, within(Math.max(1e-2 * n, 1e-3 * atEnds[1])));
    System.out.println(layers[0] + " layers conserve relevance");
  }

  private static double sum(PtNDArray x, boolean sizes) {
    double sum = 0;
    for (float value : x.toFloatArray()) {
      sum += sizes ? Math.abs(value) : value;
    }
    return sum;
  }
}
