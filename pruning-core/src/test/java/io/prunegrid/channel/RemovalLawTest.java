package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.ReferenceInterpreter;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pruned network computes what the original does with the removed channels silenced. */
class RemovalLawTest {
  private static final double TOLERANCE = 1e-9;

  /** Images so bright that the biases of deep networks do not drown them. */
  private static final double BRIGHT = 100;

  @Test
  void generatedNetworksObeyTheLawAtEveryPopulation() {
    int removals = 0;
    Set<Class<?>> operators = new HashSet<>();
    for (long seed = 0; seed < 400; seed++) {
      ModelGraph graph = RandomNetworks.graph(seed, 1 + (int) (seed % 9), 6);
      graph.nodes().forEach(node -> operators.add(node.op().getClass()));
      CoupledChannels channels = CoupledChannels.of(graph);
      for (BitSet removed : populations(channels, seed)) {
        assertLaw("network " + seed + " without " + removed, graph, channels, removed, seed);
        removals++;
      }
    }
    assertThat(removals).isGreaterThan(1000);
    assertThat(operators).containsExactlyInAnyOrder(Op.class.getPermittedSubclasses());
  }

  @Test
  void zeroedInPlaceComputesTheSameAndCountsTheSame() {
    for (long seed = 0; seed < 100; seed++) {
      ModelGraph graph = RandomNetworks.graph(seed, 6, 6);
      CoupledChannels channels = CoupledChannels.of(graph);
      Model model = RandomNetworks.model(graph, seed);
      BitSet removed = random(channels, 0.5, seed);
      Pruned smaller = Removal.remove(model, channels, removed);
      Pruned zeroed = Removal.zero(model, channels, removed);
      String what = "network " + seed;
      assertThat(zeroed.model().graph()).as(what).isEqualTo(graph);
      assertThat(zeroed.layers()).as(what).isEqualTo(smaller.layers());
      double[] image = RandomNetworks.image(graph, seed);
      assertClose(
          what,
          new ReferenceInterpreter(zeroed.model()).output(image),
          new ReferenceInterpreter(smaller.model()).output(image));
      Counts nonzero = Counts.nonzero(zeroed.model());
      Counts left = Counts.of(smaller.model().graph());
      assertThat(nonzero.parameters()).as(what).isEqualTo(left.parameters());
      assertThat(nonzero.macs()).as(what).isEqualTo(left.macs());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet20", "resnet32", "resnet44", "resnet56", "small-cnn"})
  void smallZooNetworksObeyTheLaw(String name) {
    zooNetworkObeysTheLaw(name, 14, 0.3);
    zooNetworkObeysTheLaw(name, 14, 0.7);
  }

  @ParameterizedTest
  @CsvSource({"resnet110, 16", "resnet18, 32", "resnet50, 32", "vgg16, 32", "vgg16_bn, 32"})
  void largeZooNetworksObeyTheLaw(String name, int side) {
    zooNetworkObeysTheLaw(name, side, 0.5);
  }

  private static void zooNetworkObeysTheLaw(String name, int side, double ratio) {
    ModelGraph graph =
        Zoo.build(name, Zoo.publishedSize(name).withClasses(10).withResolution(side));
    CoupledChannels channels = CoupledChannels.of(graph);
    BitSet removed = random(channels, ratio, 7);
    assertThat(removed.cardinality()).isPositive();
    assertHolds(name, new Model(graph, Procedural.weights(graph)), channels, removed, true);
  }

  /** One class, half, and as many as the layers allow. */
  private static List<BitSet> populations(CoupledChannels channels, long seed) {
    BitSet one = new BitSet();
    List<ChannelClass> free =
        channels.classes().stream().filter(each -> each.pinned().isEmpty()).toList();
    ChannelClass single = free.get((int) (seed % free.size()));
    boolean empties =
        channels.graph().nodes().stream()
            .anyMatch(
                node ->
                    Arrays.stream(channels.classesOf(node.name()))
                        .allMatch(id -> id == single.id()));
    if (!empties) {
      one.set(single.id());
    }
    return List.of(one, random(channels, 0.5, seed), random(channels, 0.99, seed));
  }

  private static BitSet random(CoupledChannels channels, double ratio, long seed) {
    SplitMix64 stream = SplitMix64.stream(seed, "scores");
    double[] scores = channels.classes().stream().mapToDouble(c -> stream.nextDouble()).toArray();
    return Selection.select(channels, scores, ratio, SelectionConfig.defaults()).removed();
  }

  /** Tries a few weights, since small networks may be dead behind their nonlinearities. */
  private static void assertLaw(
      String what, ModelGraph graph, CoupledChannels channels, BitSet removed, long seed) {
    for (int attempt = 0; attempt < 20; attempt++) {
      Model model = RandomNetworks.model(graph, seed * 31 + attempt);
      if (assertHolds(what, model, channels, removed, false)) {
        return;
      }
    }
    throw new AssertionError(what + " has the same outputs for every image");
  }

  /** Returns whether the outputs differ between images; fails where they must and do not. */
  private static boolean assertHolds(
      String what, Model model, CoupledChannels channels, BitSet removed, boolean mustDiffer) {
    Pruned pruned = Removal.remove(model, channels, removed);
    assertWhole(what, pruned);
    ReferenceInterpreter smaller = new ReferenceInterpreter(pruned.model());
    ReferenceInterpreter silenced = new ReferenceInterpreter(silenced(model, channels, removed));
    double[][] logits = new double[2][];
    for (int image = 0; image < 2; image++) {
      double[] x =
          Arrays.stream(RandomNetworks.image(model.graph(), image)).map(v -> BRIGHT * v).toArray();
      logits[image] = smaller.output(x);
      assertClose(what, logits[image], silenced.output(x));
    }
    boolean differ = distance(logits[0], logits[1]) > 1e-3 * largest(logits[0]);
    assertThat(differ || !mustDiffer).as(what + ": outputs differ between images").isTrue();
    return differ;
  }

  private static void assertWhole(String what, Pruned pruned) {
    ModelGraph graph = pruned.model().graph();
    for (Node layer : graph.layers()) {
      LayerKept kept = pruned.layers().get(layer.module());
      assertThat(kept.out().count())
          .as(what + " " + layer.name())
          .isEqualTo(graph.shape(layer.name()).channels());
      kept.in()
          .ifPresent(
              in ->
                  assertThat(in.count())
                      .as(what + " " + layer.name())
                      .isEqualTo(graph.inputShape(layer, 0).channels()));
    }
    for (Node node : graph.nodes()) {
      assertThat(graph.shape(node.name()).channels()).as(what + " " + node.name()).isPositive();
    }
  }

  /** The original with every consumer's weights for the removed channels at zero. */
  private static Model silenced(Model model, CoupledChannels channels, BitSet removed) {
    Map<String, Tensor> changed = new HashMap<>();
    for (Node layer : model.graph().layers()) {
      int[] reads = channels.inClasses(layer.module()).orElse(null);
      if (reads == null) {
        continue;
      }
      String name = layer.parameterName("weight");
      Tensor weight = model.weights().get(name);
      float[] values = weight.toArray();
      int out = weight.shape().dim(0);
      int perGroup = weight.shape().dim(1);
      int groups = layer.op() instanceof Op.Conv2d conv ? conv.groups() : 1;
      int kernel = values.length / out / perGroup;
      for (int p = 0; p < reads.length; p++) {
        if (reads[p] != CoupledChannels.NO_CLASS && removed.get(reads[p])) {
          for (int o = p / perGroup * (out / groups);
              o < (p / perGroup + 1) * (out / groups);
              o++) {
            int start = (o * perGroup + p % perGroup) * kernel;
            Arrays.fill(values, start, start + kernel, 0f);
          }
        }
      }
      changed.put(name, Tensor.wrap(weight.shape(), values));
    }
    return new Model(model.graph(), model.weights().with(changed));
  }

  private static void assertClose(String what, double[] actual, double[] expected) {
    assertThat(distance(actual, expected))
        .as(what)
        .isLessThanOrEqualTo(TOLERANCE * largest(expected));
  }

  private static double distance(double[] a, double[] b) {
    assertThat(a).hasSameSizeAs(b);
    return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).max().orElse(0);
  }

  private static double largest(double[] a) {
    return Arrays.stream(a).map(Math::abs).max().orElse(0);
  }
}
