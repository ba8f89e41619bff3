package io.prunegrid.channel;

import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.graph.Convolution;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.TokenOp;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sees to what every layer keeps: enough channels, and a round number of them.
 *
 * <p>A layer that loses anything loses more, lowest scores first, until its remaining channels are
 * a multiple of {@code round-to} and of its groups, or of the width of its heads where those go
 * whole. Where too few would remain, {@code on-empty} decides: the best channels come back until
 * the smallest allowed number is reached, or the layer gets back all it lost. What came back stays.
 * Where a cap forbids to take more, the best come back until the number is allowed. A layer may be
 * fed by several bundles; those that live in few layers are settled first and left alone afterwards
 * where possible, so that rounding one layer does not undo another's.
 */
final class LayerFloors {
  private final double[] scores;
  private final BitSet free;
  private final OnEmpty onEmpty;
  private final List<Floor> floors = new ArrayList<>();
  private final int[] bundleOf;
  private final int[] most;

  /** The classes at each channel of a tensor, and how many channels must remain. */
  private static final class Floor {
    final int[] ids;
    final int multiple;
    final int least;
    final Set<Integer> bundles;

    Floor(int[] ids, int multiple, int least, Set<Integer> bundles) {
      this.ids = ids;
      this.multiple = multiple;
      this.least = least;
      this.bundles = bundles;
    }

    boolean fits(int remaining) {
      return remaining >= least && remaining % multiple == 0;
    }
  }

  /**
   * @param free classes that may go
   * @param most how many classes of each bundle may go
   */
  LayerFloors(
      CoupledChannels channels, double[] scores, BitSet free, int[] most, SelectionConfig config) {
    this.scores = scores;
    this.most = most.clone();
    this.free = (BitSet) free.clone();
    this.onEmpty = config.onEmpty();
    this.bundleOf = new int[scores.length];
    Arrays.fill(bundleOf, -1);
    int index = 0;
    for (Bundle bundle : channels.bundles(config)) {
      for (int id : bundle.classes()) {
        bundleOf[id] = index;
      }
      index++;
    }
    Set<List<Object>> seen = new HashSet<>();
    int least = onEmpty == OnEmpty.KEEP_BEST ? config.minChannels() : 1;
    for (Node node : channels.graph().nodes()) {
      int[] ids = channels.tensor(node.name());
      boolean layer = node.ownsWeights();
      int multiple = layer ? lcm(config.roundTo(), multiple(node.op(), channels.attention())) : 1;
      int smallest = layer ? Math.min(least, ids.length) : 1;
      if (seen.add(List.of(IntBuffer.wrap(ids), multiple, smallest))) {
        add(ids, multiple, smallest);
      }
    }
    floors.sort(Comparator.comparingInt(floor -> floor.bundles.size()));
  }

  /** Whether no layer that must keep a round number of channels is fed by several bundles. */
  static boolean areApart(CoupledChannels channels, SelectionConfig config) {
    int[] most = new int[channels.bundles(config).size()];
    double[] scores = new double[channels.classes().size()];
    return new LayerFloors(channels, scores, new BitSet(), most, config)
        .floors.stream().noneMatch(floor -> floor.multiple > 1 && floor.bundles.size() > 1);
  }

  private void add(int[] ids, int multiple, int least) {
    Set<Integer> bundles = new HashSet<>();
    for (int id : ids) {
      if (id != CoupledChannels.NO_CLASS && bundleOf[id] >= 0) {
        bundles.add(bundleOf[id]);
      }
    }
    if (!bundles.isEmpty()) {
      floors.add(new Floor(ids, multiple, least, bundles));
    }
  }

  /** Lower score first, then lower id. */
  static Comparator<Integer> lowestFirst(double[] scores) {
    return Comparator.<Integer>comparingDouble(id -> scores[id] + 0.0)
        .thenComparing(Comparator.naturalOrder());
  }

  /** Adds to and takes from the removed classes until every layer is content. */
  void settle(BitSet removed) {
    boolean changed = true;
    while (changed) {
      changed = false;
      Set<Integer> settled = new HashSet<>();
      for (Floor floor : floors) {
        changed |= settle(floor, removed, settled);
        if (floor.multiple > 1) {
          settled.addAll(floor.bundles);
        }
      }
    }
  }

  private boolean settle(Floor floor, BitSet removed, Set<Integer> settled) {
    int remaining = 0;
    for (int id : floor.ids) {
      if (id == CoupledChannels.NO_CLASS || !removed.get(id)) {
        remaining++;
      }
    }
    if (remaining == floor.ids.length || floor.fits(remaining)) {
      return false;
    }
    Map<Integer, Integer> positions = new LinkedHashMap<>();
    for (int id : floor.ids) {
      if (id != CoupledChannels.NO_CLASS) {
        positions.merge(id, 1, Integer::sum);
      }
    }
    List<Integer> candidates =
        positions.keySet().stream()
            .filter(id -> free.get(id) && !removed.get(id))
            .sorted(
                Comparator.<Integer, Boolean>comparing(id -> settled.contains(bundleOf[id]))
                    .thenComparing(lowestFirst(scores)))
            .toList();
    List<Integer> allowed = withinCaps(candidates, removed);
    int more = enough(floor, remaining, positions, allowed);
    if (more > 0) {
      allowed.subList(0, more).forEach(removed::set);
    } else {
      boolean capped = enough(floor, remaining, positions, candidates) > 0;
      OnEmpty rule = capped ? OnEmpty.KEEP_BEST : onEmpty;
      giveBack(floor, remaining, positions, removed, rule);
    }
    return true;
  }

  /** Of each bundle the first so many that its cap allows to take beside those that go already. */
  private List<Integer> withinCaps(List<Integer> candidates, BitSet removed) {
    int[] left = most.clone();
    removed.stream().filter(id -> bundleOf[id] >= 0).forEach(id -> left[bundleOf[id]]--);
    return candidates.stream().filter(id -> left[bundleOf[id]]-- > 0).toList();
  }

  /** How many of the candidates must go until the layer is content; 0 where none of them helps. */
  private static int enough(
      Floor floor, int remaining, Map<Integer, Integer> positions, List<Integer> candidates) {
    int left = remaining;
    for (int taken = 0; taken < candidates.size() && left >= floor.least; taken++) {
      left -= positions.get(candidates.get(taken));
      if (floor.fits(left)) {
        return taken + 1;
      }
    }
    return 0;
  }

  private void giveBack(
      Floor floor, int remaining, Map<Integer, Integer> positions, BitSet removed, OnEmpty rule) {
    List<Integer> lost =
        positions.keySet().stream()
            .filter(removed::get)
            .sorted(lowestFirst(scores).reversed())
            .toList();
    int left = remaining;
    int back = 0;
    while (back < lost.size() && (rule == OnEmpty.SKIP || back == 0 || !floor.fits(left))) {
      left += positions.get(lost.get(back));
      back++;
    }
    for (int id : lost.subList(0, back)) {
      removed.clear(id);
      free.clear(id);
    }
  }

  private static int multiple(Op op, AttentionUnit unit) {
    if (op instanceof Convolution conv) {
      return conv.isDepthwise() ? 1 : conv.groups();
    }
    if (op instanceof NormOp.GroupNorm norm) {
      return norm.groups() == norm.channels() ? 1 : norm.groups();
    }
    return op instanceof TokenOp.MultiHeadAttention attention ? unit.multiple(attention) : 1;
  }

  /** Least common multiple; one beyond any layer's width where it is larger than an int. */
  private static int lcm(int a, int b) {
    int x = a;
    int y = b;
    while (y != 0) {
      int rest = x % y;
      x = y;
      y = rest;
    }
    return (int) Math.min(Integer.MAX_VALUE, (long) a / x * b);
  }
}
