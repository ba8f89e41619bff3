package io.prunegrid.criterion;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What scores are ranked for.
 *
 * @param channels the coupled channels of the scored network
 * @param config how a selection is made
 * @param parameters of the criterion, as {@link Criterion#resolve} gives them
 * @param ratio share of the classes that will be removed, in [0, 1); matters to criteria whose
 *     ranking depends on it, see {@link Criterion#rule}
 */
public record Ranking(
    CoupledChannels channels,
    SelectionConfig config,
    SortedMap<String, String> parameters,
    double ratio) {
  public Ranking {
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
  }

  String parameter(String name) {
    String value = parameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the parameter '" + name + "' is not resolved");
    }
    return value;
  }
}
