package io.prunegrid.criterion;

import io.prunegrid.runtime.Tap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** What is read for each layer: a tap for every place where its module is used. */
final class LayerTaps {
  private final Map<String, List<Tap>> taps = new LinkedHashMap<>();

  void add(String layer, Tap tap) {
    taps.computeIfAbsent(layer, unseen -> new ArrayList<>()).add(tap);
  }

  /** The taps of all layers, each once. */
  Set<Tap> all() {
    Set<Tap> all = new LinkedHashSet<>();
    taps.values().forEach(all::addAll);
    return all;
  }

  /** Goes through the layers, in the order in which they were added. */
  void forEach(BiConsumer<String, List<Tap>> each) {
    taps.forEach(each);
  }
}
