package io.prunegrid.channel;

import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.Filters;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Channels that masks leave without inputs, or that nobody reads any more: all that they own goes
 * as well, and so on until nothing changes (Han et al. 2015).
 */
final class IdleChannels {
  private final Map<String, Node> layers = new HashMap<>();
  private final CoupledChannels channels;
  private final Model model;
  private final Predicate<String> stays;
  private final Map<String, float[]> masks = new LinkedHashMap<>();

  private IdleChannels(
      Model model, CoupledChannels channels, Map<String, Tensor> masks, Predicate<String> stays) {
    this.model = model;
    this.stays = stays;
    this.channels = channels;
    ModelGraph graph = model.graph();
    graph.layers().forEach(layer -> layers.put(layer.module(), layer));
    masks.forEach((name, mask) -> this.masks.put(name, mask.toArray()));
  }

  /**
   * The masks with every weight masked too that only idle channels use; only weights of
   * convolutions and linear layers that are masked already are changed.
   *
   * @param masks zeros and ones by parameter name
   * @param stays which parameters' masks are left as they are
   */
  static Map<String, Tensor> dropped(
      Model model, CoupledChannels channels, Map<String, Tensor> masks, Predicate<String> stays) {
    IdleChannels idle = new IdleChannels(model, channels, masks, stays);
    while (idle.pass()) {
      // until nothing changes
    }
    Map<String, Tensor> dropped = new LinkedHashMap<>();
    masks.forEach(
        (name, mask) -> dropped.put(name, Tensor.wrap(mask.shape(), idle.masks.get(name))));
    return dropped;
  }

  private boolean pass() {
    boolean changed = false;
    for (ChannelClass each : channels.classes()) {
      if (each.pinned().isPresent()) {
        continue;
      }
      List<Site> writes = weighted(each, Side.OUT);
      List<Site> reads = weighted(each, Side.IN);
      boolean silent = !writes.isEmpty() && writes.stream().allMatch(this::isMasked);
      boolean unread = !reads.isEmpty() && reads.stream().allMatch(this::isMasked);
      if (silent || unread) {
        for (Site site : each.sites()) {
          changed |= mask(site);
        }
      }
    }
    return changed;
  }

  /** The places where others than carriers write or read a class. */
  private List<Site> weighted(ChannelClass each, Side side) {
    return each.sites().stream()
        .filter(site -> site.side() == side && !carries(layers.get(site.layer()).op()))
        .toList();
  }

  /** What works on each channel by itself passes on what it is given. */
  private static boolean carries(Op op) {
    return Filters.areDepthwise(op)
        || op instanceof Op.BatchNorm2d
        || op instanceof NormOp
        || op instanceof ElementOp.PRelu;
  }

  private boolean isMasked(Site site) {
    Node layer = layers.get(site.layer());
    String name = layer.parameterName("weight");
    float[] mask = masks.get(name);
    if (mask == null || !Filters.has(layer.op())) {
      return false;
    }
    boolean[] stays = new boolean[1];
    each(site, name, i -> stays[0] |= mask[i] != 0);
    return !stays[0];
  }

  private boolean mask(Site site) {
    boolean[] changed = new boolean[1];
    Node layer = layers.get(site.layer());
    for (String suffix : List.of("weight", "bias")) {
      String name = layer.parameterName(suffix);
      float[] mask = masks.get(name);
      if (mask != null
          && !stays.test(name)
          && (suffix.equals("weight") || site.side() == Side.OUT)) {
        each(
            site,
            name,
            i -> {
              changed[0] |= mask[i] != 0;
              mask[i] = 0;
            });
      }
    }
    return changed[0];
  }

  private interface Entry {
    void at(int index);
  }

  /** Every entry of a parameter that belongs to these positions. */
  private void each(Site site, String name, Entry action) {
    Node layer = layers.get(site.layer());
    Tensor tensor = model.weights().get(name);
    boolean filters = Filters.has(layer.op()) && tensor.shape().rank() > 1;
    for (int position : site.positions()) {
      if (!filters) {
        int each = tensor.size() / tensor.shape().dim(0);
        for (int i = 0; i < each; i++) {
          action.at(position * each + i);
        }
        continue;
      }
      Filters own = Filters.of(layer.op(), tensor.shape());
      boolean out = site.side() == Side.OUT;
      for (int i = 0; i < (out ? own.perOutput() : own.perInput()); i++) {
        action.at(out ? own.output(position, i) : own.input(position, i));
      }
    }
  }
}
