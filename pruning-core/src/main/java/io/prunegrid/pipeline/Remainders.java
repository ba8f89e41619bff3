package io.prunegrid.pipeline;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What must go of a network that is partly pruned, so that a share of the whole network is gone.
 */
final class Remainders {
  private final SelectionConfig config;
  private final double ratio;
  private final Map<String, Integer> whole = new LinkedHashMap<>();

  /**
   * Remembers the whole network's pools.
   *
   * @param ratio the share that is gone in the end
   */
  Remainders(CoupledChannels channels, SelectionConfig config, double ratio) {
    this.config = config;
    this.ratio = ratio;
    channels.bundles(config).forEach(b -> whole.merge(b.root(), b.classes().size(), Integer::sum));
  }

  /** The share of all pools together that is left to take. */
  double ratio(double share, CoupledChannels left) {
    int all = whole.values().stream().mapToInt(Integer::intValue).sum();
    return remaining(all, left.prunable(config), share);
  }

  /** A selection in one step; in local scope with each bundle's own ratio. */
  SelectionConfig selection(double share, CoupledChannels left) {
    Limits single = config.limits().inOneStep();
    if (config.scope() != Scope.LOCAL) {
      return config.with(single);
    }
    List<LayerNumbers.Entry> ratios = new ArrayList<>();
    for (Bundle bundle : left.bundles(config)) {
      OptionalDouble own = config.limits().ratios().of(bundle.root());
      double asked = own.isPresent() ? own.getAsDouble() * share / ratio : share;
      ratios.add(
          new LayerNumbers.Entry(
              bundle.root(), remaining(whole.get(bundle.root()), bundle.classes().size(), asked)));
    }
    return config.with(single.withRatios(new LayerNumbers(ratios)));
  }

  private double remaining(int before, int left, double share) {
    long gone = Selection.share(before, share, config.rounding());
    long more = Math.max(0, gone - (before - left));
    return left == 0 ? 0 : Math.min((double) more / left, Math.nextDown(1.0));
  }
}
