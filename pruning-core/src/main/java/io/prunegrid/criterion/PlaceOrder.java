package io.prunegrid.criterion;

import io.prunegrid.channel.ChannelClass;
import io.prunegrid.channel.Side;
import io.prunegrid.channel.Site;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The places where a class of coupled channels lives, in the order in which Torch-Pruning comes to
 * them: the producing layer nearest to the network's input, then normalizations and readers in
 * topological order, then the other producing layers from the last back to the first.
 */
final class PlaceOrder {
  private final Map<String, Integer> depths = new HashMap<>();

  PlaceOrder(ModelGraph graph) {
    Map<String, Integer> nodes = new HashMap<>();
    for (Node node : graph.nodes()) {
      int depth = node.inputs().stream().mapToInt(nodes::get).max().orElse(0);
      if (Layers.isProducer(node.op())) {
        depth++;
        depths.putIfAbsent(node.module(), depth);
      }
      nodes.put(node.name(), depth);
    }
  }

  /** A class's places. */
  List<Site> of(ChannelClass channels) {
    List<Site> producers = new ArrayList<>();
    List<Site> others = new ArrayList<>();
    for (Site site : channels.sites()) {
      boolean produces = site.side() == Side.OUT && depths.containsKey(site.layer());
      (produces ? producers : others).add(site);
    }
    List<Site> order = new ArrayList<>();
    producers.stream()
        .min(Comparator.comparingInt(site -> depths.get(site.layer())))
        .ifPresent(order::add);
    order.addAll(others);
    for (int i = producers.size() - 1; i >= 0; i--) {
      if (!order.contains(producers.get(i))) {
        order.add(producers.get(i));
      }
    }
    return order;
  }

  /** The layers that produce a class, in this order. */
  List<Site> producers(ChannelClass channels) {
    return of(channels).stream()
        .filter(site -> site.side() == Side.OUT && depths.containsKey(site.layer()))
        .toList();
  }
}
