package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Weights;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The law of removal on the networks of the zoo, on images as small as they bear. */
class FamilyLawTest {
  private static final int ATTEMPTS = 32;
  private static final double[] RATIOS = {0.1, 0.25, 0.5, 0.8};

  @ParameterizedTest
  @CsvSource({
    "alexnet, 63",
    "convnext_tiny, 32",
    "deeplabv3_resnet50, 16",
    "densenet121, 32",
    "efficientnet_b0, 32",
    "efficientnet_v2_s, 32",
    "fcn_resnet50, 16",
    "googlenet, 32",
    "inception_v3, 75",
    "mnasnet0_5, 32",
    "mobilenet_v2, 32",
    "mobilenet_v3_small, 32",
    "regnet_x_400mf, 32",
    "regnet_y_400mf, 32",
    "resnet18, 32",
    "resnet20, 14",
    "resnext50_32x4d, 32",
    "retinanet_dense, 32",
    "shufflenet_v2_x0_5, 32",
    "small-cnn, 14",
    "squeezenet1_1, 32",
    "vgg11, 32",
    "vgg11_bn, 32",
    "vit_b_32, 64",
    "wide_resnet50_2, 32"
  })
  void theSmallestOfEveryFamilyObeysAtAMiddleRatio(String name, int side) {
    assertLaw(name, side, 0.5, Scope.LOCAL);
  }

  /** The networks on which Torch-Pruning fails. */
  @ParameterizedTest
  @CsvSource({
    "resnet20, 14",
    "resnet32, 14",
    "resnet44, 14",
    "resnet56, 14",
    "resnet110, 16",
    "shufflenet_v2_x0_5, 32",
    "shufflenet_v2_x1_0, 32",
    "shufflenet_v2_x1_5, 32",
    "shufflenet_v2_x2_0, 32"
  })
  void shuffledAndPaddedNetworksObeyInBothScopes(String name, int side) {
    for (double ratio : new double[] {0.25, 0.5}) {
      assertLaw(name, side, ratio, Scope.LOCAL);
      assertLaw(name, side, ratio, Scope.GLOBAL);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "resnet20, 14",
    "resnet32, 14",
    "resnet44, 14",
    "resnet56, 14",
    "resnet110, 16",
    "small-cnn, 14"
  })
  void smallNetworksObeyAtEveryRatio(String name, int side) {
    for (double ratio : RATIOS) {
      assertLaw(name, side, ratio, Scope.LOCAL);
    }
  }

  @Tag("soak")
  @Test
  void transformersObeyWithoutWholeHeads() {
    SelectionConfig heads =
        config(Scope.LOCAL).with(Limits.NONE.withAttention(AttentionUnit.HEADS));
    assertLaw("vit_b_16", 32, 0.5, heads);
  }

  @Tag("soak")
  @ParameterizedTest
  @CsvSource({
    "alexnet, 63",
    "convnext_tiny, 32",
    "convnext_small, 32",
    "deeplabv3_resnet50, 16",
    "deeplabv3_resnet101, 16",
    "densenet121, 32",
    "densenet169, 32",
    "efficientnet_b0, 32",
    "efficientnet_b3, 32",
    "efficientnet_v2_s, 32",
    "efficientnet_v2_m, 32",
    "fcn_resnet50, 16",
    "fcn_resnet101, 16",
    "googlenet, 32",
    "inception_v3, 75",
    "mnasnet0_5, 32",
    "mnasnet1_0, 32",
    "mobilenet_v2, 32",
    "mobilenet_v3_small, 32",
    "mobilenet_v3_large, 32",
    "regnet_x_400mf, 32",
    "regnet_x_3_2gf, 32",
    "regnet_y_400mf, 32",
    "regnet_y_3_2gf, 32",
    "resnet18, 32",
    "resnet50, 32",
    "resnext50_32x4d, 32",
    "resnext101_32x8d, 32",
    "retinanet_dense, 32",
    "shufflenet_v2_x0_5, 32",
    "shufflenet_v2_x1_0, 32",
    "shufflenet_v2_x1_5, 32",
    "shufflenet_v2_x2_0, 32",
    "squeezenet1_0, 32",
    "squeezenet1_1, 32",
    "vgg11, 32",
    "vgg16_bn, 32",
    "vit_b_32, 64",
    "vit_b_16, 32",
    "wide_resnet50_2, 32",
    "wide_resnet101_2, 32"
  })
  void everyFamilyObeysAtEveryRatio(String name, int side) {
    for (double ratio : RATIOS) {
      assertLaw(name, side, ratio, Scope.LOCAL);
    }
  }

  private static void assertLaw(String name, int side, double ratio, Scope scope) {
    assertLaw(name, side, ratio, config(scope));
  }

  private static void assertLaw(String name, int side, double ratio, SelectionConfig config) {
    ModelGraph graph =
        Zoo.build(name, Zoo.publishedSize(name).withClasses(10).withResolution(side));
    CoupledChannels channels = config.channels(graph);
    assertThat(
            IntStream.range(0, ATTEMPTS)
                .anyMatch(attempt -> holds(name, channels, ratio, config, attempt)))
        .as(name + " at " + ratio + ": outputs differ between images for some weights")
        .isTrue();
  }

  private static boolean holds(
      String name, CoupledChannels channels, double ratio, SelectionConfig config, int attempt) {
    SplitMix64 stream = SplitMix64.stream(attempt, name);
    double[] scores = channels.classes().stream().mapToDouble(c -> stream.nextDouble()).toArray();
    BitSet removed = Selection.select(channels, scores, ratio, config).removed();
    assertThat(removed.cardinality()).as(name).isPositive();
    Model model = new Model(channels.graph(), weights(channels.graph(), attempt));
    return RemovalLaw.holds(name + " without " + ratio, model, channels, removed);
  }

  private static SelectionConfig config(Scope scope) {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        scope,
        defaults.rounding(),
        defaults.onEmpty(),
        defaults.minChannels(),
        defaults.roundTo(),
        defaults.ignore(),
        defaults.protect(),
        defaults.ties(),
        defaults.apply());
  }

  /** Some weights are deaf to such small images: every image leads to the same. */
  private static Weights weights(ModelGraph graph, int attempt) {
    return attempt % 2 == 0 ? Procedural.weights(graph) : RandomNetworks.weights(graph, attempt);
  }
}
