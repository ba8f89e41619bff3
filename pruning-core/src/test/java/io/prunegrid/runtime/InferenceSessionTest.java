package io.prunegrid.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.BatchNormFolding;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.ReferenceInterpreter;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InferenceSessionTest {
  private static final double TOLERANCE = 2e-5;

  static float[] noise(int length, long seed) {
    SplitMix64 random = SplitMix64.stream(seed, "images");
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static void assertMatchesReference(Model model, int n) {
    int length = Math.toIntExact(model.graph().input().size());
    float[] images = noise(n * length, 7);
    ReferenceInterpreter reference = new ReferenceInterpreter(model);
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        InferenceSession session = engine.inference(model)) {
      float[] logits = session.logits(images, n);
      int outputs = logits.length / n;
      for (int i = 0; i < n; i++) {
        double[] image = new double[length];
        for (int j = 0; j < length; j++) {
          image[j] = images[i * length + j];
        }
        double[] expected = reference.output(image);
        double scale = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        for (int j = 0; j < outputs; j++) {
          assertThat((double) logits[i * outputs + j])
              .as("output %d of image %d", j, i)
              .isCloseTo(expected[j], within(TOLERANCE * Math.max(scale, 1e-3)));
        }
      }
    }
  }

  @Test
  void everyGeneratedNetworkComputesWhatPlainLoopsCompute() {
    for (long seed = 0; seed < 300; seed++) {
      ModelGraph graph = RandomNetworks.graph(seed, 3 + (int) (seed % 9), 9);
      assertMatchesReference(RandomNetworks.model(graph, seed), 3);
    }
  }

  /** The way of devices without fused kernels. */
  @Test
  void nodeByNodeEveryGeneratedNetworkComputesTheSame() {
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      for (long seed = 0; seed < 100; seed++) {
        ModelGraph graph = RandomNetworks.graph(seed, 3 + (int) (seed % 9), 9);
        Model model = RandomNetworks.model(graph, seed);
        float[] image = noise(Math.toIntExact(graph.input().size()), seed);
        float[] plain;
        try (PtNDManager manager = engine.newManager()) {
          Map<String, PtNDArray> parameters = new HashMap<>();
          model
              .weights()
              .asMap()
              .forEach((name, tensor) -> parameters.put(name, Kernels.upload(manager, tensor)));
          PtNDArray input =
              new HostBatch(
                      graph.input(), HostBatch.Order.CHANNELS_FIRST, ImageCounts.Purpose.EVALUATION)
                  .upload(manager, image, 0, 1);
          plain =
              new GraphRunner(graph)
                  .run(input, parameters, GraphRunner.Mode.EVALUATION, GraphRunner.Hook.NONE)
                  .toFloatArray();
        }
        try (InferenceSession session = engine.inference(model)) {
          float largest = 0;
          for (float value : plain) {
            largest = Math.max(largest, Math.abs(value));
          }
          assertThat(session.logits(image, 1))
              .usingComparatorWithPrecision((float) (2 * TOLERANCE * largest))
              .containsExactly(plain);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet20", "resnet18", "resnet50", "vgg16_bn", "small-cnn"})
  void zooNetworksComputeWhatPlainLoopsCompute(String name) {
    ModelGraph graph = Zoo.build(name, new NetworkSize(7, 3, 32, 32));
    assertMatchesReference(new Model(graph, Procedural.weights(graph)), 1);
  }

  @Test
  void foldingKeepsTheFunctionAndLeavesNoNormalizationBehindAConvolution() {
    ModelGraph graph = Zoo.build("resnet20", new NetworkSize(10, 3, 16, 16));
    Model model = new Model(graph, Procedural.weights(graph));
    Model folded = BatchNormFolding.fold(model);
    assertThat(folded.graph().nodes()).noneMatch(node -> node.op() instanceof Op.BatchNorm2d);
    double[] image = RandomNetworks.image(graph, 3);
    double[] before = new ReferenceInterpreter(model).output(image);
    double[] after = new ReferenceInterpreter(folded).output(image);
    double scale = Arrays.stream(before).map(Math::abs).max().orElseThrow();
    assertThat(after).usingComparatorWithPrecision(1e-6 * scale).containsExactly(before);
  }

  @Test
  void aSharedOrTwiceReadConvolutionIsNotFolded() {
    GraphBuilder builder = new GraphBuilder(Shape.of(2, 4, 4));
    String conv = builder.conv("conv", builder.input(), 2, 3, 1, 1, Bias.NO);
    String norm = builder.batchNorm("bn", conv);
    String sum = builder.add("sum", new Op.Add(), norm, conv);
    ModelGraph graph = builder.build(builder.linear("fc", builder.flatten("flat", sum), 3));
    Model model = RandomNetworks.model(graph, 5);
    assertThat(BatchNormFolding.fold(model)).isEqualTo(model);
    assertMatchesReference(model, 2);
  }

  @Test
  void aSumOfAnActivationThatIsReadAgainIsNotComputedInItsPlace() {
    GraphBuilder builder = new GraphBuilder(Shape.of(2, 6, 6));
    String stem = builder.relu("relu", builder.conv("stem", builder.input(), 4, 3, 1, 1, Bias.NO));
    String first = builder.conv("first", stem, 4, 3, 1, 1, Bias.YES);
    String sum = builder.relu("relu1", builder.add("sum", new Op.Add(), stem, first));
    String second = builder.conv("second", sum, 4, 1, 1, 0, Bias.NO);
    String again = builder.add("again", new Op.Add(), second, stem);
    ModelGraph graph = builder.build(builder.linear("fc", builder.flatten("flat", again), 3));
    assertMatchesReference(RandomNetworks.model(graph, 5), 2);
  }

  @Test
  void dropoutIsTheIdentityAndFeatureMapsComeBackChannelByChannel() {
    GraphBuilder builder = new GraphBuilder(Shape.of(3, 5, 4));
    String dropped = builder.add("drop", new Op.Dropout(0.5), builder.input());
    String conv =
        builder.add(
            "conv",
            new Op.Conv2d(
                3, 4, new Size2d(3, 2), new Size2d(2, 1), new Size2d(1, 0), Size2d.ONE, 1, false),
            dropped);
    assertMatchesReference(RandomNetworks.model(builder.build(conv), 1), 3);
  }

  @Test
  void answersDoNotDependOnHowManyImagesAreAskedAtOnce() {
    ModelGraph graph = Zoo.build("resnet20", Zoo.publishedSize("resnet20"));
    Model model = new Model(graph, Procedural.weights(graph));
    int length = Math.toIntExact(graph.input().size());
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        InferenceSession session = engine.inference(model)) {
      int n = session.batch() + 3;
      float[] images = noise(n * length, 1);
      float[] together = session.logits(images, n);
      float[] alone = session.logits(Arrays.copyOfRange(images, (n - 1) * length, n * length), 1);
      assertThat(alone)
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(Arrays.copyOfRange(together, (n - 1) * 10, n * 10));
      assertThat(session.logits(images, n)).isEqualTo(together);
    }
  }

  @Test
  void nothingIsRecordedForGradients() {
    ModelGraph graph = Zoo.build("resnet20", new NetworkSize(10, 3, 16, 16));
    Model model = new Model(graph, Procedural.weights(graph));
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        InferenceSession session = engine.inference(model)) {
      JniUtils.setGradMode(true);
      session.logits(noise(2 * (int) model.graph().input().size(), 7), 2);
      assertThat(JniUtils.isGradMode()).isFalse();
    }
  }
}
