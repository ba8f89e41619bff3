package io.prunegrid.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.AttentionUnit;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.format.WholeFiles;
import io.prunegrid.format.onnx.OnnxExport;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.SmallTransformer;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What we export computes in ONNX Runtime what it computes here. */
class OnnxSessionTest {
  private static Engine engine;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    engine = Engine.open(ComputeDevice.parse("cpu"));
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void generatedNetworksAgreeAtAnyBatch() {
    List<String> wrong = new ArrayList<>();
    for (long seed = 0; seed < 80; seed++) {
      ModelGraph graph = RandomNetworks.graph(seed, 1 + (int) (seed % 9), 6);
      try {
        assertAgrees(RandomNetworks.model(graph, seed));
      } catch (RuntimeException | AssertionError e) {
        wrong.add("network " + seed + ": " + e.getMessage());
      }
    }
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "alexnet, 80",
    "densenet121, 32",
    "mobilenet_v3_small, 40",
    "efficientnet_b0, 32",
    "googlenet, 40",
    "inception_v3, 80",
    "shufflenet_v2_x0_5, 32",
    "regnet_y_400mf, 32",
    "convnext_tiny, 32",
    "vit_b_32, 64",
    "deeplabv3_resnet50, 40",
    "resnet20, 16"
  })
  void networksOfTheZooAgreePruned(String name, int side) {
    ModelGraph graph =
        Zoo.build(name, Zoo.publishedSize(name).withClasses(10).withResolution(side));
    Model model = new Model(graph, Procedural.weights(graph));
    CoupledChannels channels = CoupledChannels.of(graph);
    SplitMix64 stream = SplitMix64.stream(7, "scores");
    double[] scores = channels.classes().stream().mapToDouble(c -> stream.nextDouble()).toArray();
    Selection half = Selection.select(channels, scores, 0.5, SelectionConfig.defaults());

    assertAgrees(Removal.remove(model, channels, half).model());
  }

  @Test
  void transformersWithoutSomeHeadsAgree() {
    ModelGraph graph = SmallTransformer.graph(12, 4, 4);
    CoupledChannels channels = CoupledChannels.of(graph, AttentionUnit.HEADS);
    BitSet removed = new BitSet();
    removed.set(channels.outClasses("conv")[3]);
    Model model = Removal.remove(RandomNetworks.model(graph, 1), channels, removed).model();
    assertThat(model.graph().shape("layer1.attention").dim(1)).isEqualTo(9);

    assertAgrees(model);
  }

  private void assertAgrees(Model model) {
    Path file = folder.resolve("network.onnx");
    OnnxExport.write(file, model, WholeFiles.Check.NONE);
    Shape input = model.graph().input();
    int n = 3;
    float[] images = new float[Math.toIntExact(n * input.size())];
    SplitMix64 stream = SplitMix64.stream(5, "images");
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) (2 * stream.nextDouble() - 1);
    }
    try (ForwardPass ours = engine.forwardPass(model);
        OnnxSession theirs = OnnxSession.open(file, 1, OnnxSession.Purpose.CHECK)) {
      for (int batch : new int[] {1, n}) {
        assertClose(ours.outputs(images, batch), theirs.outputs(images, input, batch));
      }
    }
  }

  private static void assertClose(Map<String, float[]> ours, Map<String, float[]> theirs) {
    assertThat(theirs.keySet()).isEqualTo(ours.keySet());
    ours.forEach(
        (name, expected) -> {
          float[] found = theirs.get(name);
          assertThat(found).hasSize(expected.length);
          double largest = 0;
          for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
          }
          for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i])
                .isCloseTo(expected[i], org.assertj.core.data.Offset.offset(1e-4 * largest));
          }
        });
  }
}
