package io.prunegrid.library;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What would go of one bundle: channels that the same layers carry and that are compared with each
 * other. A channel stands for all that lives and dies with it; it has the number that it has in the
 * output of {@code root}.
 *
 * @param root the first layer that produces the channels
 * @param layers every layer whose output carries them, in topological order
 * @param scores of the channels that may go, by channel, ascending; NaN where one has no score
 * @param removed the channels that would go, ascending; at least one
 */
public record Proposal(
    String root, List<String> layers, Map<Integer, Double> scores, List<Integer> removed) {
  public Proposal {
    layers = List.copyOf(layers);
    scores = Collections.unmodifiableMap(new TreeMap<>(scores));
    removed = List.copyOf(removed);
  }
}
