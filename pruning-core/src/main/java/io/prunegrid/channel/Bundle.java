package io.prunegrid.channel;

import java.util.List;

/**
 * Prunable classes that occupy exactly the same sides of the same layers; what local scope
 * compares.
 *
 * @param root the first layer that produces them
 * @param layers every layer whose output carries them, in topological order
 * @param classes ids, ascending
 */
public record Bundle(String root, List<String> layers, List<Integer> classes) {
  public Bundle {
    layers = List.copyOf(layers);
    classes = List.copyOf(classes);
  }
}
