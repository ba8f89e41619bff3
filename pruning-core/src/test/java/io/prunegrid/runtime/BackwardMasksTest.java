package io.prunegrid.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.testing.PythonTorch;
import io.prunegrid.zoo.Procedural;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gradients of inputs do without masked weights; nothing else does. */
class BackwardMasksTest {
  private static final Optimizer PLAIN = new Optimizer.Sgd(0, 0);

  private static Engine engine;

  @BeforeAll
  static void open() {
    engine = Engine.open(ComputeDevice.CPU);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  /**
   * One pixel x = 1 through weights a = 2 and b = (3, 5), which a linear layer of ones adds up to
   * the first of two outputs, 16; the loss's gradient there is -q with q = 1 / (e^16 + 1).
   */
  @Test
  void theFirstLayersGradientMissesTheMaskedWeightOfTheSecond() {
    GraphBuilder g = new GraphBuilder(Shape.of(1, 1, 1));
    String first = g.conv("first", g.input(), 1, 1, 1, 0, Bias.NO);
    String second = g.conv("second", first, 2, 1, 1, 0, Bias.NO);
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", second), 2));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("first.weight", Tensor.wrap(Shape.of(1, 1, 1, 1), new float[] {2}));
    tensors.put("second.weight", Tensor.wrap(Shape.of(2, 1, 1, 1), new float[] {3, 5}));
    tensors.put("head.weight", Tensor.wrap(Shape.of(2, 2), new float[] {0.1f, 0.1f, 0, 0}));
    tensors.put("head.bias", Tensor.wrap(Shape.of(2), new float[2]));
    Model model = new Model(graph, new Weights(tensors));
    double q = 1 / (Math.exp(0.1 * 2 * 8) + 1) * 0.1;
    Map<String, Tensor> mask =
        Map.of("second.weight", Tensor.wrap(Shape.of(2, 1, 1, 1), new float[] {0, 1}));

    Model whole = after(model, BackwardMasks.NONE, new float[] {1}, 1);
    Model masked = after(model, new BackwardMasks(mask, 1), new float[] {1}, 1);

    assertThat(step(model, whole, "first.weight")).isCloseTo(8 * q, within(1e-6));
    assertThat(step(model, masked, "first.weight")).isCloseTo(5 * q, within(1e-6));
    // both weights of the second layer learn as ever, the masked one too
    assertThat(masked.weights().get("second.weight").toArray())
        .containsExactly(whole.weights().get("second.weight").toArray());
    assertThat(step(model, masked, "second.weight")).isCloseTo(2 * q, within(1e-6));
  }

  @Test
  void theLossIsTheWholeNetworksAndSoIsTrainingUnderAMaskOfOnes() {
    Model model = model();
    float[] images = images(model, 3);
    Map<String, Tensor> ones = masks(model, 0);
    Map<String, Tensor> some = masks(model, 0.5);
    double[] losses = new double[3];
    List<BackwardMasks> all =
        List.of(BackwardMasks.NONE, new BackwardMasks(ones, 1), new BackwardMasks(some, 1));
    for (int i = 0; i < 3; i++) {
      try (TrainingSession session =
          engine.training(model, PLAIN, new TrainingMasks(Map.of(), all.get(i)), 1)) {
        losses[i] = session.step(images, 3, new int[] {0, 1, 2}, 0.1);
      }
    }
    assertThat(losses).containsOnly(losses[0]);
    assertThat(after(model, all.get(1), images, 3).weights())
        .isEqualTo(after(model, all.get(0), images, 3).weights());
    assertThat(after(model, all.get(2), images, 3).weights())
        .isNotEqualTo(after(model, all.get(0), images, 3).weights());
  }

  @Test
  void chanceIsDrawnAnewInEachStepFromTheSeed() {
    Model model = model();
    float[] images = images(model, 2);
    Map<String, Tensor> some = masks(model, 0.5);
    Weights never = after(model, new BackwardMasks(some, 0), images, 2).weights();
    assertThat(never).isEqualTo(after(model, BackwardMasks.NONE, images, 2).weights());
    List<Weights> drawn =
        List.of(7L, 7L, 8L).stream()
            .map(
                seed -> {
                  TrainingMasks masks = new TrainingMasks(Map.of(), new BackwardMasks(some, 0.5));
                  try (TrainingSession session = engine.training(model, PLAIN, masks, seed)) {
                    session.step(images, 2, new int[] {0, 1}, 0.1);
                    session.step(images, 2, new int[] {0, 1}, 0.1);
                    return session.model().weights();
                  }
                })
            .toList();
    assertThat(drawn.get(0)).isEqualTo(drawn.get(1)).isNotEqualTo(drawn.get(2)).isNotEqualTo(never);
  }

  @Test
  void onlyWeightsOfConvolutionsCanBeLeftOut() {
    Model model = model();
    Tensor mask = model.weights().get("head.weight");
    TrainingMasks masks =
        new TrainingMasks(Map.of(), new BackwardMasks(Map.of("head.weight", mask), 1));
    assertThatThrownBy(() -> engine.training(model, PLAIN, masks, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("head.weight");
  }

  /** The reference's own way: hooks of autograd that mask the saved weight as it is unpacked. */
  @Test
  void stepsAreThoseOfSavedTensorHooks(@TempDir Path folder) throws IOException {
    PythonTorch.require();
    Model model = model();
    float[] images = images(model, 3);
    Map<String, Tensor> masks = masks(model, 0.4);
    Model after = after(model, new BackwardMasks(masks, 1), images, 3);
    Path file = folder.resolve("case.txt");
    StringBuilder text = new StringBuilder();
    text.append("images ").append(joined(images)).append('\n');
    model
        .weights()
        .asMap()
        .forEach(
            (name, t) -> text.append(name).append(' ').append(joined(t.toArray())).append('\n'));
    masks.forEach(
        (name, t) ->
            text.append("mask.").append(name).append(' ').append(joined(t.toArray())).append('\n'));
    Files.writeString(file, text);
    PythonTorch.Result result =
        PythonTorch.script("io/prunegrid/runtime/gradient_only.py", file.toString());
    assertThat(result.code()).as(result.output()).isZero();
    int compared = 0;
    for (String line : result.output().lines().toList()) {
      String[] words = line.split(" ", -1);
      float[] ours = after.weights().get(words[0]).toArray();
      assertThat(words.length - 1).isEqualTo(ours.length);
      for (int i = 0; i < ours.length; i++) {
        assertThat(ours[i]).as(words[0]).isCloseTo(Float.parseFloat(words[i + 1]), within(1e-5f));
        compared++;
      }
    }
    assertThat(compared)
        .isEqualTo(model.weights().asMap().values().stream().mapToInt(Tensor::size).sum());
  }

  /** Two convolutions with bias and one without, all of different shapes. */
  private static Model model() {
    GraphBuilder g = new GraphBuilder(Shape.of(2, 5, 5));
    String x = g.relu("relu1", g.conv("conv1", g.input(), 4, 3, 1, 1, Bias.YES));
    x = g.relu("relu2", g.conv("conv2", x, 6, 3, 2, 1, Bias.YES));
    x = g.conv("conv3", x, 5, 1, 1, 0, Bias.NO);
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", x), 3));
    return new Model(graph, Procedural.weights(graph));
  }

  private static Map<String, Tensor> masks(Model model, double share) {
    Map<String, Tensor> masks = new LinkedHashMap<>();
    for (String name : List.of("conv2.weight", "conv3.weight")) {
      Tensor weight = model.weights().get(name);
      double[] sizes =
          IntStream.range(0, weight.size()).mapToDouble(i -> Math.abs(weight.at(i))).toArray();
      double[] sorted = sizes.clone();
      java.util.Arrays.sort(sorted);
      double limit = share == 0 ? -1 : sorted[(int) (share * sorted.length)];
      float[] mask = new float[sizes.length];
      for (int i = 0; i < mask.length; i++) {
        mask[i] = sizes[i] < limit ? 0 : 1;
      }
      masks.put(name, Tensor.wrap(weight.shape(), mask));
    }
    return masks;
  }

  private static float[] images(Model model, int n) {
    float[] images = new float[n * (int) model.graph().input().size()];
    for (int i = 0; i < images.length; i++) {
      images[i] = (i * 37 % 23 - 11) / 8f;
    }
    return images;
  }

  private static Model after(Model model, BackwardMasks masks, float[] images, int n) {
    int[] labels = IntStream.range(0, n).map(i -> n == 1 ? 0 : i).toArray();
    try (TrainingSession session =
        engine.training(model, PLAIN, new TrainingMasks(Map.of(), masks), 1)) {
      session.step(images, n, labels, n == 1 ? 1 : 0.1);
      return session.model();
    }
  }

  private static double step(Model before, Model after, String name) {
    return after.weights().get(name).at(0) - before.weights().get(name).at(0);
  }

  private static String joined(float[] values) {
    return IntStream.range(0, values.length)
        .mapToObj(i -> String.format(Locale.ROOT, "%.9g", values[i]))
        .collect(Collectors.joining(" "));
  }
}
