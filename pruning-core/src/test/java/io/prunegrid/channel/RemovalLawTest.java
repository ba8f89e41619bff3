package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.TokenOp;
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
import java.util.stream.Stream;
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
        removals +=
            assertLaw("network " + seed + " without " + removed, graph, channels, removed, seed);
      }
    }
    assertThat(removals).isGreaterThan(1000);
    assertThat(operators).containsExactlyInAnyOrderElementsOf(operators(Op.class).toList());
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
          new ReferenceInterpreter(zeroed.model(), survivors(channels, removed)).output(image),
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

  /**
   * Tries a few weights, since small networks may be dead behind their nonlinearities; those that
   * are dead whatever their weights (one normalized pixel) prove nothing and count for nothing.
   *
   * @return how many networks obeyed whose outputs differ between images
   */
  private static int assertLaw(
      String what, ModelGraph graph, CoupledChannels channels, BitSet removed, long seed) {
    for (int attempt = 0; attempt < 20; attempt++) {
      Model model = RandomNetworks.model(graph, seed * 31 + attempt);
      if (assertHolds(what, model, channels, removed, false)) {
        return 1;
      }
    }
    return 0;
  }

  /** Returns whether the outputs differ between images; fails where they must and do not. */
  private static boolean assertHolds(
      String what, Model model, CoupledChannels channels, BitSet removed, boolean mustDiffer) {
    Pruned pruned = Removal.remove(model, channels, removed);
    assertWhole(what, pruned);
    ReferenceInterpreter smaller = new ReferenceInterpreter(pruned.model());
    ReferenceInterpreter silenced =
        new ReferenceInterpreter(silenced(model, channels, removed), survivors(channels, removed));
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
    CoupledChannels left = CoupledChannels.of(graph);
    for (Node layer : graph.layers()) {
      LayerKept kept = pruned.layers().get(layer.module());
      Shape out = graph.shape(layer.name());
      int axis = left.axis(layer.name());
      boolean single = kept.out().of() == 1 && kept.out().isWhole();
      assertThat(kept.out().count())
          .as(what + " " + layer.name())
          .isEqualTo(single ? 1 : out.dim(axis));
      Shape in = layer.inputs().isEmpty() ? out : graph.inputShape(layer, 0);
      int read = layer.op() instanceof Op.Linear ? in.rank() - 1 : 0;
      kept.in()
          .ifPresent(
              k -> assertThat(k.count()).as(what + " " + layer.name()).isEqualTo(in.dim(read)));
    }
    for (Node node : graph.nodes()) {
      assertThat(graph.shape(node.name()).size()).as(what + " " + node.name()).isPositive();
    }
  }

  /** Of normalizing and attending nodes, which elements of the output stay. */
  private static Map<String, boolean[]> survivors(CoupledChannels channels, BitSet removed) {
    Map<String, boolean[]> survivors = new HashMap<>();
    for (Node node : channels.graph().nodes()) {
      if (node.op() instanceof NormOp || node.op() instanceof TokenOp.MultiHeadAttention) {
        Shape shape = channels.graph().shape(node.name());
        int axis = channels.axis(node.name());
        int[] ids = channels.tensor(node.name());
        int inner = 1;
        for (int i = axis + 1; i < shape.rank(); i++) {
          inner *= shape.dim(i);
        }
        boolean[] stays = new boolean[Math.toIntExact(shape.size())];
        for (int i = 0; i < stays.length; i++) {
          int id = ids[i / inner % shape.dim(axis)];
          stays[i] = id == CoupledChannels.NO_CLASS || !removed.get(id);
        }
        survivors.put(node.name(), stays);
      }
    }
    return survivors;
  }

  /** The original with every consumer's weights for the removed channels at zero. */
  private static Model silenced(Model model, CoupledChannels channels, BitSet removed) {
    Map<String, Tensor> changed = new HashMap<>();
    Map<String, Tensor> masks = Removal.masks(model.graph(), channels, removed);
    for (Node layer : model.graph().layers()) {
      int[] reads = channels.inClasses(layer.module()).orElse(null);
      if (layer.op() instanceof TokenOp.MultiHeadAttention || layer.name().startsWith("qkv")) {
        // In attention queries, keys and values consume each other's channels.
        for (ParameterSpec spec : layer.op().parameters()) {
          String name = layer.parameterName(spec);
          if (masks.containsKey(name)) {
            changed.put(name, product(model.weights().get(name), masks.get(name)));
          }
        }
      }
      if (reads == null) {
        continue;
      }
      String name = layer.parameterName("weight");
      Tensor weight = changed.getOrDefault(name, model.weights().get(name));
      changed.put(name, silenced(layer.op(), weight, reads, removed));
    }
    return new Model(model.graph(), model.weights().with(changed));
  }

  private static Tensor silenced(Op op, Tensor weight, int[] reads, BitSet removed) {
    float[] values = weight.toArray();
    int rows = weight.shape().dim(0);
    boolean transposed = op instanceof SpatialOp.ConvTranspose2d;
    int perGroup = weight.shape().dim(1);
    int groups = op instanceof Op.Conv2d conv ? conv.groups() : 1;
    int kernel = values.length / rows / perGroup;
    for (int p = 0; p < reads.length; p++) {
      if (reads[p] == CoupledChannels.NO_CLASS || !removed.get(reads[p])) {
        continue;
      }
      if (transposed) {
        Arrays.fill(values, p * perGroup * kernel, (p + 1) * perGroup * kernel, 0f);
        continue;
      }
      int group = p / perGroup;
      for (int o = group * (rows / groups); o < (group + 1) * (rows / groups); o++) {
        int start = (o * perGroup + p % perGroup) * kernel;
        Arrays.fill(values, start, start + kernel, 0f);
      }
    }
    return Tensor.wrap(weight.shape(), values);
  }

  private static Tensor product(Tensor a, Tensor b) {
    float[] values = a.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] *= b.at(i);
    }
    return Tensor.wrap(a.shape(), values);
  }

  private static Stream<Class<?>> operators(Class<?> family) {
    return family.isSealed()
        ? Arrays.stream(family.getPermittedSubclasses()).flatMap(RemovalLawTest::operators)
        : Stream.of(family);
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
