package io.prunegrid.channel;

import io.prunegrid.graph.Filters;
import io.prunegrid.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What must go of a network that is perhaps partly pruned, so that a share of the whole network is
 * gone: of every pool that is compared what its share of the whole pool is, and of no bundle more
 * than the caps of its layers allow of the whole bundle. What remains of a bundle is known by the
 * layers that its channels are in, which pruning does not change.
 */
public final class Remainders {
  private final SelectionConfig config;
  private final double ratio;
  private final Map<List<String>, Integer> bundles = new HashMap<>();
  private final Map<List<String>, Object> poolOf = new HashMap<>();
  private final Map<Object, Integer> pools = new HashMap<>();
  private final Map<Object, Double> ratios = new HashMap<>();

  /**
   * Remembers the whole network's pools.
   *
   * @param ratio the share that is gone in the end, in [0, 1)
   */
  public Remainders(CoupledChannels whole, SelectionConfig config, double ratio) {
    this.config = config;
    this.ratio = ratio;
    for (Bundle bundle : whole.bundles(config)) {
      List<String> places = whole.places(bundle);
      Object pool =
          switch (config.scope()) {
            case LOCAL -> places;
            case GLOBAL -> "all";
            case ISOMORPHIC -> kinds(whole, bundle);
          };
      bundles.put(places, bundle.classes().size());
      poolOf.put(places, pool);
      pools.merge(pool, bundle.classes().size(), Integer::sum);
      if (ratio > 0) {
        config.limits().ratios().of(bundle.layers()).ifPresent(own -> ratios.put(pool, own));
      }
    }
  }

  /** What kinds of layers a bundle lives in, and on which side. */
  private static List<String> kinds(CoupledChannels channels, Bundle bundle) {
    Map<String, String> kinds = new HashMap<>();
    for (Node layer : channels.graph().layers()) {
      boolean depthwise = Filters.areDepthwise(layer.op());
      kinds.put(
          layer.module(), layer.op().getClass().getSimpleName() + (depthwise ? " alone" : ""));
    }
    return channels.classes().get(bundle.classes().get(0)).sites().stream()
        .map(site -> site.side() + " " + kinds.get(site.layer()))
        .toList();
  }

  /**
   * Classes that are compared.
   *
   * @param ids those that are scored
   * @param asked how many of them must go
   */
  record Pool(List<Integer> ids, int asked) {}

  /**
   * What must go of each pool until a share of the whole network is gone.
   *
   * @param left the network as it is now
   * @param classScores NaN where a class is not scored: it stays and is in no pool
   * @param share of the whole network, at most the ratio
   */
  List<Pool> pools(CoupledChannels left, double[] classScores, double share) {
    Map<Object, List<Integer>> ids = new LinkedHashMap<>();
    Map<Object, Integer> sizes = new HashMap<>();
    for (Bundle bundle : left.bundles(config)) {
      List<String> places = left.places(bundle);
      Object key = poolOf.getOrDefault(places, places);
      List<Integer> own = ids.computeIfAbsent(key, k -> new ArrayList<>());
      bundle.classes().stream().filter(id -> !Double.isNaN(classScores[id])).forEach(own::add);
      sizes.merge(key, bundle.classes().size(), Integer::sum);
    }
    List<Pool> asked = new ArrayList<>();
    ids.forEach(
        (key, members) -> {
          int gone = pools.getOrDefault(key, sizes.get(key)) - sizes.get(key);
          long all = Share.removed(gone + members.size(), share(key, share), config.rounding());
          asked.add(new Pool(members, Math.toIntExact(Math.max(0, all - gone))));
        });
    return asked;
  }

  private double share(Object pool, double share) {
    Double own = ratios.get(pool);
    if (own == null) {
      return share;
    }
    return share == ratio ? own : own * share / ratio;
  }

  /** How many classes of a bundle may go now at most. */
  int most(CoupledChannels left, Bundle bundle) {
    double cap =
        bundle.layers().stream()
            .map(config.limits().caps()::of)
            .filter(OptionalDouble::isPresent)
            .mapToDouble(OptionalDouble::getAsDouble)
            .min()
            .orElse(1);
    int size = bundle.classes().size();
    int whole = bundles.getOrDefault(left.places(bundle), size);
    int gone = whole - size;
    return Math.max(0, (int) Math.floor(whole * cap + 1e-9) - gone);
  }

  /**
   * The share of what is left of a bundle that must go: of itself where bundles are compared by
   * themselves, else of all together.
   *
   * @param share of the whole network, at most the ratio
   */
  public double ratio(CoupledChannels left, Bundle bundle, double share) {
    if (config.scope() == SelectionConfig.Scope.LOCAL) {
      int now = bundle.classes().size();
      List<String> places = left.places(bundle);
      return ratio(bundles.getOrDefault(places, now), now, share(places, share));
    }
    int whole = pools.values().stream().mapToInt(Integer::intValue).sum();
    return ratio(whole, left.prunable(config), share);
  }

  private double ratio(int whole, int now, double share) {
    if (now == whole || now == 0) {
      return now == 0 ? 0 : share;
    }
    long more = Share.removed(whole, share, config.rounding()) - (whole - now);
    return Math.min((double) Math.max(0, more) / now, Math.nextDown(1.0));
  }
}
