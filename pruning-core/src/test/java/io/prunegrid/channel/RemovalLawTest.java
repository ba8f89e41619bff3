package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.TokenOp;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.ReferenceInterpreter;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pruned network computes what the original does with the removed channels silenced. */
class RemovalLawTest {
  @Test
  void generatedNetworksObeyTheLawAtEveryPopulation() {
    int removals = 0;
    Set<Class<?>> operators = new HashSet<>();
    for (long seed = 0; seed < 1000; seed++) {
      int steps = 1 + (int) (seed % 9);
      RandomNetworks.graph(seed, steps, 6)
          .nodes()
          .forEach(node -> operators.add(node.op().getClass()));
      try {
        removals += assertLaw(seed, steps, AttentionUnit.POSITIONS);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "the law fails for " + smallest(seed, steps, AttentionUnit.POSITIONS), e);
      }
    }
    assertThat(removals).isGreaterThan(2500);
    assertThat(operators).containsExactlyInAnyOrderElementsOf(operators(Op.class).toList());
  }

  @Test
  void networksObeyTheLawWithoutWholeHeads() {
    int removals = 0;
    Set<Class<?>> attending = Set.of(TokenOp.MultiHeadAttention.class, TokenOp.MatMul.class);
    for (long seed = 0; seed < 400; seed++) {
      int steps = 1 + (int) (seed % 9);
      boolean attends =
          RandomNetworks.graph(seed, steps, 6).nodes().stream()
              .anyMatch(node -> attending.contains(node.op().getClass()));
      if (attends) {
        try {
          removals += assertLaw(seed, steps, AttentionUnit.HEADS);
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(
              "the law fails for " + smallest(seed, steps, AttentionUnit.HEADS), e);
        }
      }
    }
    assertThat(removals).isGreaterThan(200);
  }

  @Test
  void zeroedInPlaceComputesTheSameAndCountsTheSame() {
    for (long seed = 0; seed < 100; seed++) {
      ModelGraph graph = RandomNetworks.graph(seed, 6, 6);
      CoupledChannels channels =
          CoupledChannels.of(graph, seed % 2 == 0 ? AttentionUnit.POSITIONS : AttentionUnit.HEADS);
      Model model = RandomNetworks.model(graph, seed);
      BitSet removed = random(channels, 0.5, seed);
      Pruned smaller = Removal.remove(model, channels, removed);
      Pruned zeroed = Removal.zero(model, channels, removed);
      String what = "network " + seed;
      assertThat(zeroed.model().graph()).as(what).isEqualTo(graph);
      assertThat(zeroed.layers()).as(what).isEqualTo(smaller.layers());
      double[] image = RandomNetworks.image(graph, seed);
      RemovalLaw.assertClose(
          what,
          new ReferenceInterpreter(zeroed.model(), RemovalLaw.survivors(channels, removed))
              .output(image),
          new ReferenceInterpreter(smaller.model()).output(image));
      Counts nonzero = Counts.nonzero(zeroed.model());
      Counts left = Counts.of(smaller.model().graph());
      assertThat(nonzero.parameters()).as(what).isEqualTo(left.parameters());
      assertThat(nonzero.macs()).as(what).isEqualTo(left.macs());
    }
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
    SelectionConfig config =
        SelectionConfig.defaults().with(Limits.NONE.withAttention(channels.attention()));
    return Selection.select(channels, scores, ratio, config).removed();
  }

  /** A network of fewer steps and the same seed begins with the same steps. */
  private static String smallest(long seed, int steps, AttentionUnit unit) {
    for (int fewer = 1; fewer < steps; fewer++) {
      try {
        assertLaw(seed, fewer, unit);
      } catch (AssertionError | RuntimeException e) {
        return "seed "
            + seed
            + ", "
            + fewer
            + " steps: "
            + RandomNetworks.graph(seed, fewer, 6).nodes();
      }
    }
    return "seed "
        + seed
        + ", "
        + steps
        + " steps: "
        + RandomNetworks.graph(seed, steps, 6).nodes();
  }

  private static int assertLaw(long seed, int steps, AttentionUnit unit) {
    ModelGraph graph = RandomNetworks.graph(seed, steps, 6);
    CoupledChannels channels = CoupledChannels.of(graph, unit);
    int proven = 0;
    for (BitSet removed : populations(channels, seed)) {
      proven +=
          assertLaw("network " + seed + " without " + removed, graph, channels, removed, seed);
    }
    return proven;
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
      if (RemovalLaw.holds(what, model, channels, removed)) {
        return 1;
      }
    }
    return 0;
  }

  private static Stream<Class<?>> operators(Class<?> family) {
    return family.isSealed()
        ? Arrays.stream(family.getPermittedSubclasses()).flatMap(RemovalLawTest::operators)
        : Stream.of(family);
  }
}
