package io.prunegrid.channel;

import io.prunegrid.graph.Model;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A network after removal.
 *
 * @param model the smaller network, or the same structure with zeros in it
 * @param layers what is left of every layer that owns weights, untouched ones too, by torch-style
 *     name in topological order
 */
public record Pruned(Model model, Map<String, LayerKept> layers) {
  public Pruned {
    layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
  }
}
