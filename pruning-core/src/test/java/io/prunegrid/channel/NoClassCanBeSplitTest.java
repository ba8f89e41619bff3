package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.DeletedElements.Channel;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.TokenOp;
import io.prunegrid.testing.RandomNetworks;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Tries every set of output channels of small networks: those that can be deleted so that all
 * shapes still fit are exactly the unions of classes. Nothing is coupled too little or too much.
 *
 * <p>Where positions of all heads of attention are to go, networks that write it out by products of
 * reshaped tensors are left out: whole heads fit such networks just as well.
 */
class NoClassCanBeSplitTest {
  private static final int MOST_CHANNELS = 13;

  @Test
  void deletableSetsOfConvolutionalNetworksAreExactlyTheUnionsOfClasses() {
    assertUnions(
        Stream.iterate(0L, seed -> seed + 1)
            .map(seed -> RandomNetworks.convolutional(seed, 1 + (int) (seed % 5), 3))
            .filter(graph -> !has(graph, TokenOp.MatMul.class)),
        AttentionUnit.POSITIONS,
        150);
  }

  @Test
  void deletableSetsOfAllOperatorsAreExactlyTheUnionsOfClasses() {
    assertUnions(
        Stream.iterate(0L, seed -> seed + 1)
            .map(seed -> RandomNetworks.graph(seed, 1 + (int) (seed % 5), 3))
            .filter(graph -> !has(graph, TokenOp.MatMul.class)),
        AttentionUnit.POSITIONS,
        250);
  }

  @Test
  void deletableSetsOfWholeHeadsAreExactlyTheUnionsOfClasses() {
    assertUnions(attending(TokenOp.MultiHeadAttention.class), AttentionUnit.HEADS, 25);
    assertUnions(attending(TokenOp.MatMul.class), AttentionUnit.HEADS, 25);
  }

  private static Stream<ModelGraph> attending(Class<? extends Op> op) {
    return Stream.iterate(0L, seed -> seed + 1)
        .map(seed -> RandomNetworks.graph(seed, 1 + (int) (seed % 4), 4))
        .filter(graph -> has(graph, op));
  }

  private static boolean has(ModelGraph graph, Class<? extends Op> op) {
    return graph.nodes().stream().anyMatch(node -> op.isInstance(node.op()));
  }

  private static void assertUnions(Stream<ModelGraph> networks, AttentionUnit unit, int enough) {
    List<ModelGraph> small =
        networks
            .filter(graph -> DeletedElements.channels(graph, unit).size() <= MOST_CHANNELS)
            .limit(enough)
            .toList();
    int coupled = 0;
    for (ModelGraph graph : small) {
      List<Channel> channels = DeletedElements.channels(graph, unit);
      Set<BitSet> found = deletable(graph, unit, channels);
      Set<BitSet> expected = unions(CoupledChannels.of(graph, unit), channels);
      assertThat(found).as("%s with channels %s", graph.nodes(), channels).isEqualTo(expected);
      coupled += expected.size() > 2 && expected.size() < 1 << (channels.size() - 3) ? 1 : 0;
    }
    assertThat(coupled).as("networks in which something is coupled").isGreaterThan(enough / 5);
  }

  private static Set<BitSet> unions(CoupledChannels classes, List<Channel> channels) {
    List<BitSet> members = new ArrayList<>();
    for (ChannelClass each : classes.classes()) {
      if (each.pinned().isEmpty()) {
        BitSet member = new BitSet();
        for (int i = 0; i < channels.size(); i++) {
          Channel channel = channels.get(i);
          member.set(i, classes.outClasses(channel.layer())[channel.position()] == each.id());
        }
        members.add(member);
      }
    }
    Set<BitSet> unions = new HashSet<>();
    for (int chosen = 0; chosen < 1 << members.size(); chosen++) {
      BitSet union = new BitSet();
      for (int i = 0; i < members.size(); i++) {
        if ((chosen >> i & 1) == 1) {
          union.or(members.get(i));
        }
      }
      unions.add(union);
    }
    assertThat(unions).hasSize(1 << members.size());
    return unions;
  }

  private static Set<BitSet> deletable(
      ModelGraph graph, AttentionUnit unit, List<Channel> channels) {
    Map<Channel, Integer> index = new HashMap<>();
    channels.forEach(channel -> index.put(channel, index.size()));
    Set<BitSet> found = new HashSet<>();
    for (int chosen = 0; chosen < 1 << channels.size(); chosen++) {
      BitSet set = BitSet.valueOf(new long[] {chosen});
      if (DeletedElements.fits(graph, unit, channel -> set.get(index.get(channel)))) {
        found.add(set);
      }
    }
    return found;
  }
}
