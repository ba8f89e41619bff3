package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.ReferenceInterpreter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Tries every set of output channels of small networks: those that can be deleted so that all
 * shapes still fit are exactly the unions of classes. Nothing is coupled too little or too much.
 * The search knows nothing of symbolic channels; which channels are always zero it sees in computed
 * values.
 */
class NoClassCanBeSplitTest {
  private static final int MOST_CHANNELS = 13;

  @Test
  void deletableSetsAreExactlyTheUnionsOfClasses() {
    int searched = 0;
    int coupled = 0;
    for (long seed = 0; searched < 150; seed++) {
      ModelGraph graph = RandomNetworks.convolutional(seed, 1 + (int) (seed % 5), 3);
      List<Channel> channels = channels(graph);
      if (channels.size() > MOST_CHANNELS) {
        continue;
      }
      Set<BitSet> found = deletable(graph, channels);
      Set<BitSet> expected = unions(CoupledChannels.of(graph), channels);
      assertThat(found).as("network " + seed).isEqualTo(expected);
      searched++;
      coupled += expected.size() > 2 && expected.size() < 1 << (channels.size() - 3) ? 1 : 0;
    }
    assertThat(coupled).as("networks in which something is coupled").isGreaterThan(30);
  }

  /** One output channel of a layer that owns weights. */
  private record Channel(String layer, int position) {}

  private static List<Channel> channels(ModelGraph graph) {
    Map<String, boolean[]> zeros = zeros(graph);
    List<Channel> channels = new ArrayList<>();
    for (Node layer : graph.layers()) {
      boolean passesOn =
          layer.op() instanceof Op.BatchNorm2d
              || (layer.op() instanceof Op.Conv2d conv && conv.isDepthwise());
      boolean[] dead = zeros.get(layer.inputs().get(0));
      for (int c = 0; c < graph.shape(layer.name()).channels(); c++) {
        if (!passesOn || dead[c / multiplier(layer.op())]) {
          channels.add(new Channel(layer.module(), c));
        }
      }
    }
    return channels;
  }

  private static int multiplier(Op op) {
    return op instanceof Op.Conv2d conv && conv.isDepthwise() ? conv.out() / conv.in() : 1;
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
    Map<String, boolean[]> zeros = zeros(graph);
    Map<Channel, Integer> index = new HashMap<>();
    channels.forEach(channel -> index.put(channel, index.size()));
    Set<BitSet> found = new HashSet<>();
    for (int chosen = 0; chosen < 1 << channels.size(); chosen++) {
      BitSet set = BitSet.valueOf(new long[] {chosen});
      if (fits(graph, zeros, index, set)) {
        found.add(set);
      }
    }
    return found;
  }

  /** Pushes the deleted channels through the graph; false at the first node that no longer fits. */
  private static boolean fits(
      ModelGraph graph, Map<String, boolean[]> zeros, Map<Channel, Integer> index, BitSet deleted) {
    Map<String, boolean[]> gone = new HashMap<>();
    Map<List<Object>, Boolean> read = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (!callsAgree(node, zeros, gone, read)) {
        return false;
      }
      Optional<boolean[]> out = push(graph, node, zeros, gone, index, deleted);
      if (out.isEmpty()) {
        return false;
      }
      gone.put(node.name(), out.get());
    }
    for (boolean lost : gone.get(graph.output())) {
      if (lost) {
        return false;
      }
    }
    return true;
  }

  /** A layer that runs several times reads the same positions each time. */
  private static boolean callsAgree(
      Node node,
      Map<String, boolean[]> zeros,
      Map<String, boolean[]> gone,
      Map<List<Object>, Boolean> read) {
    if (node.ownsWeights()) {
      boolean[] lost = gone.get(node.inputs().get(0));
      for (int c = 0; c < lost.length; c++) {
        Boolean before =
            zeros.get(node.inputs().get(0))[c]
                ? null
                : read.put(List.of(node.module(), c), lost[c]);
        if (before != null && before != lost[c]) {
          return false;
        }
      }
    }
    return true;
  }

  private static Optional<boolean[]> push(
      ModelGraph graph,
      Node node,
      Map<String, boolean[]> zeros,
      Map<String, boolean[]> gone,
      Map<Channel, Integer> index,
      BitSet deleted) {
    Op op = node.op();
    boolean[] out = new boolean[graph.shape(node.name()).channels()];
    for (int c = 0; c < out.length; c++) {
      Integer own = index.get(new Channel(node.module(), c));
      out[c] = own != null && deleted.get(own);
    }
    if (op instanceof Op.Input) {
      return Optional.of(out);
    }
    boolean[] x = gone.get(node.inputs().get(0));
    boolean[] zero = zeros.get(node.inputs().get(0));
    if (op instanceof Op.BatchNorm2d || (op instanceof Op.Conv2d d && d.isDepthwise())) {
      int times = multiplier(op);
      for (int c = 0; c < out.length; c++) {
        out[c] = zero[c / times] ? out[c] : x[c / times];
        if (out[c] != out[c / times * times]) {
          return Optional.empty();
        }
      }
    } else if (op instanceof Op.Conv2d conv) {
      if (!groupsAgree(out, conv.groups(), null) || !groupsAgree(x, conv.groups(), zero)) {
        return Optional.empty();
      }
    } else if (op instanceof Op.Add) {
      for (int c = 0; c < out.length; c++) {
        int seen = -1;
        for (String input : node.inputs()) {
          if (!zeros.get(input)[c]) {
            int lost = gone.get(input)[c] ? 1 : 0;
            if (seen >= 0 && seen != lost) {
              return Optional.empty();
            }
            seen = lost;
          }
        }
        out[c] = seen == 1;
      }
    } else if (op instanceof Op.Concat) {
      int offset = 0;
      for (String input : node.inputs()) {
        boolean[] part = gone.get(input);
        System.arraycopy(part, 0, out, offset, part.length);
        offset += part.length;
      }
    } else if (op instanceof Op.PadChannels pad) {
      System.arraycopy(x, 0, out, pad.before(), x.length);
    } else if (op instanceof Op.SelectChannels select) {
      for (int c = 0; c < out.length; c++) {
        out[c] = x[select.channels().get(c)];
      }
    } else if (op instanceof Op.Flatten) {
      int positions = graph.inputShape(node, 0).positions();
      for (int c = 0; c < out.length; c++) {
        out[c] = x[c / positions];
      }
    } else if (!(op instanceof Op.Linear)) {
      out = x;
    }
    return Optional.of(out);
  }

  /** Zeros may come and go as the other groups need. */
  private static boolean groupsAgree(boolean[] lost, int groups, boolean[] zero) {
    int size = lost.length / groups;
    for (int j = 0; j < size; j++) {
      Set<Boolean> seen = new HashSet<>();
      for (int i = j; i < lost.length; i += size) {
        if (zero == null || !zero[i]) {
          seen.add(lost[i]);
        }
      }
      if (seen.size() > 1) {
        return false;
      }
    }
    return true;
  }

  /** Channels that are zero for every image and all weights tried. */
  private static Map<String, boolean[]> zeros(ModelGraph graph) {
    Map<String, boolean[]> zeros = new HashMap<>();
    for (int seed = 0; seed < 5; seed++) {
      Model model = RandomNetworks.model(graph, seed);
      new ReferenceInterpreter(model)
          .outputs(RandomNetworks.image(graph, seed))
          .forEach(
              (node, values) -> {
                int positions = graph.shape(node).positions();
                boolean[] dead = zeros.get(node);
                if (dead == null) {
                  dead = new boolean[graph.shape(node).channels()];
                  Arrays.fill(dead, true);
                  zeros.put(node, dead);
                }
                for (int i = 0; i < values.length; i++) {
                  dead[i / positions] &= values[i] == 0;
                }
              });
    }
    return zeros;
  }
}
