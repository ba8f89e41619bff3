package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.DeletedElements.Channel;
import io.prunegrid.graph.ModelGraph;
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
 * <p>Attention that is written out by products of reshaped tensors has no single answer, since
 * whole heads could go as well as positions of all heads; such networks are left out.
 */
class NoClassCanBeSplitTest {
  private static final int MOST_CHANNELS = 13;

  @Test
  void deletableSetsOfConvolutionalNetworksAreExactlyTheUnionsOfClasses() {
    assertUnions(
        Stream.iterate(0L, seed -> seed + 1)
            .map(seed -> RandomNetworks.convolutional(seed, 1 + (int) (seed % 5), 3)),
        150);
  }

  @Test
  void deletableSetsOfAllOperatorsAreExactlyTheUnionsOfClasses() {
    assertUnions(
        Stream.iterate(0L, seed -> seed + 1)
            .map(seed -> RandomNetworks.graph(seed, 1 + (int) (seed % 5), 3)),
        250);
  }

  private static void assertUnions(Stream<ModelGraph> networks, int enough) {
    List<ModelGraph> small =
        networks
            .filter(
                graph -> graph.nodes().stream().noneMatch(n -> n.op() instanceof TokenOp.MatMul))
            .filter(graph -> DeletedElements.channels(graph).size() <= MOST_CHANNELS)
            .limit(enough)
            .toList();
    int coupled = 0;
    for (ModelGraph graph : small) {
      List<Channel> channels = DeletedElements.channels(graph);
      Set<BitSet> found = deletable(graph, channels);
      Set<BitSet> expected = unions(CoupledChannels.of(graph), channels);
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

  private static Set<BitSet> deletable(ModelGraph graph, List<Channel> channels) {
    Map<Channel, Integer> index = new HashMap<>();
    channels.forEach(channel -> index.put(channel, index.size()));
    Set<BitSet> found = new HashSet<>();
    for (int chosen = 0; chosen < 1 << channels.size(); chosen++) {
      BitSet set = BitSet.valueOf(new long[] {chosen});
      if (DeletedElements.fits(graph, channel -> set.get(index.get(channel)))) {
        found.add(set);
      }
    }
    return found;
  }
}
