package io.prunegrid.criterion;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Remainders;
import io.prunegrid.channel.SelectionConfig;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What scores are ranked for.
 *
 * @param channels the coupled channels of the scored network
 * @param config how a selection is made
 * @param parameters of the criterion, as {@link Criterion#resolve} gives them
 * @param ratio share of each bundle's classes that will be removed, in [0, 1); matters to criteria
 *     whose ranking depends on it, see {@link Criterion#ranksByRatio}
 */
public record Ranking(
    CoupledChannels channels,
    SelectionConfig config,
    SortedMap<String, String> parameters,
    ToDoubleFunction<Bundle> ratio) {
  public Ranking {
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
  }

  /**
   * Of a whole network.
   *
   * @param ratio share of the classes that will be removed, in [0, 1); layers may have their own
   */
  public Ranking(
      CoupledChannels channels,
      SelectionConfig config,
      SortedMap<String, String> parameters,
      double ratio) {
    this(channels, config, parameters, new Remainders(channels, config, ratio), ratio);
  }

  /**
   * Of a network that is perhaps partly pruned.
   *
   * @param whole remembers the network as it was
   * @param share of the whole network that is gone afterwards, in [0, 1)
   */
  public Ranking(
      CoupledChannels channels,
      SelectionConfig config,
      SortedMap<String, String> parameters,
      Remainders whole,
      double share) {
    this(channels, config, parameters, bundle -> whole.ratio(channels, bundle, share));
  }

  String parameter(String name) {
    String value = parameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the parameter '" + name + "' is not resolved");
    }
    return value;
  }
}
