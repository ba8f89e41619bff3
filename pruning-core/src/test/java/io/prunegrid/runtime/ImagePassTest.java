package io.prunegrid.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import io.prunegrid.testing.ReferenceInterpreter;
import io.prunegrid.zoo.Initialization;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ImagePassTest {
  private static List<String> layers(ModelGraph graph) {
    return graph.nodes().stream()
        .filter(node -> node.op() instanceof Op.Conv2d || node.op() instanceof Op.Linear)
        .map(Node::name)
        .toList();
  }

  private static Set<Tap> effects(List<String> nodes) {
    return nodes.stream()
        .map(node -> new Tap(node, new Reading.Effect()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static Map<String, float[]> byNode(Map<Tap, float[]> values) {
    return values.entrySet().stream()
        .collect(Collectors.toMap(entry -> entry.getKey().node(), Map.Entry::getValue));
  }

  /** A convolution's output is linear in its weights and bias: scaling these is the gate. */
  @Test
  void gradientsAreTheSlopesOfEachImagesOwnLoss() {
    ModelGraph graph = Zoo.build("small-cnn", new NetworkSize(4, 1, 14, 14));
    Model model = new Model(graph, Initialization.weights(graph, 2));
    float[] images = InferenceSessionTest.noise(2 * 196, 3);
    int[] labels = {1, 3};
    List<String> layers = layers(graph);
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        ImagePass gates = engine.images(model, effects(layers), Set.of())) {
      Map<String, float[]> gradients = byNode(gates.run(images, 2, labels));
      assertThat(gradients.keySet()).containsExactlyInAnyOrderElementsOf(layers);
      for (String layer : layers) {
        int channels = graph.shape(layer).channels();
        assertThat(gradients.get(layer)).hasSize(2 * channels);
        for (int c = 0; c < channels; c += Math.max(1, channels / 4)) {
          for (int image = 0; image < 2; image++) {
            double step = 1.0 / 512;
            double slope =
                (loss(scaled(model, layer, c, 1 + step), images, image, labels[image])
                        - loss(scaled(model, layer, c, 1 - step), images, image, labels[image]))
                    / (2 * step);
            assertThat((double) gradients.get(layer)[image * channels + c])
                .as("%s channel %d image %d", layer, c, image)
                .isCloseTo(slope, within(1e-4 + 0.01 * Math.abs(slope)));
          }
        }
      }
    }
  }

  private static Model scaled(Model model, String layer, int channel, double factor) {
    Map<String, Tensor> changed = new java.util.LinkedHashMap<>();
    for (String suffix : new String[] {".weight", ".bias"}) {
      if (model.weights().contains(layer + suffix)) {
        Tensor tensor = model.weights().get(layer + suffix);
        float[] values = tensor.toArray();
        int length = values.length / tensor.shape().dim(0);
        for (int i = channel * length; i < (channel + 1) * length; i++) {
          values[i] = (float) (values[i] * factor);
        }
        changed.put(layer + suffix, Tensor.wrap(tensor.shape(), values));
      }
    }
    return new Model(model.graph(), model.weights().with(changed));
  }

  private static double loss(Model model, float[] images, int image, int label) {
    int length = Math.toIntExact(model.graph().input().size());
    double[] x = new double[length];
    for (int i = 0; i < length; i++) {
      x[i] = images[image * length + i];
    }
    double[] logits = new ReferenceInterpreter(model).output(x);
    double largest = Arrays.stream(logits).max().orElseThrow();
    double sum = Arrays.stream(logits).map(v -> Math.exp(v - largest)).sum();
    return Math.log(sum) + largest - logits[label];
  }

  @Test
  void anImagesGradientsDoNotDependOnItsBatch() {
    ModelGraph graph = Zoo.build("resnet20", new NetworkSize(10, 3, 16, 16));
    Model model = new Model(graph, Procedural.weights(graph));
    List<String> layers = layers(graph);
    float[] images = InferenceSessionTest.noise(6 * 768, 3);
    int[] labels = {0, 1, 2, 3, 4, 5};
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        ImagePass gates = engine.images(model, effects(layers), Set.of())) {
      Map<String, float[]> together = byNode(gates.run(images, 6, labels));
      Map<String, float[]> alone =
          byNode(gates.run(Arrays.copyOfRange(images, 5 * 768, 6 * 768), 1, new int[] {5}));
      for (String layer : layers) {
        float[] own = alone.get(layer);
        float[] inBatch = Arrays.copyOfRange(together.get(layer), 5 * own.length, 6 * own.length);
        float largest = 0;
        for (float value : own) {
          largest = Math.max(largest, Math.abs(value));
        }
        assertThat(inBatch).usingComparatorWithPrecision(1e-4f * largest).containsExactly(own);
      }
    }
  }
}
