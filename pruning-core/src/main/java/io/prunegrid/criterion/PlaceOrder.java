package io.prunegrid.criterion;

import io.prunegrid.channel.ChannelClass;
import io.prunegrid.channel.Side;
import io.prunegrid.channel.Site;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The places where a class of coupled channels lives, in the order in which Torch-Pruning comes to
 * them: the producing layer that its walk from the network's output meets first, then
 * normalizations and readers behind that layer and those before it, each in topological order, then
 * the other producing layers from the last back to the first.
 */
final class PlaceOrder {
  private final Map<String, Integer> depths = new HashMap<>();
  private final Map<String, Integer> met = new HashMap<>();
  private final Map<String, Integer> topological = new HashMap<>();

  PlaceOrder(ModelGraph graph) {
    Map<String, Integer> nodes = new HashMap<>();
    for (Node node : graph.nodes()) {
      int depth = node.inputs().stream().mapToInt(nodes::get).max().orElse(0);
      if (Layers.isProducer(node.op())) {
        depth++;
        depths.putIfAbsent(node.module(), depth);
      }
      nodes.put(node.name(), depth);
      topological.putIfAbsent(node.module(), topological.size());
    }
    graph.outputs().forEach(output -> walk(graph, output));
    graph.nodes().forEach(this::meet);
  }

  /** Meets a node's inputs in order, then goes on with the last one that was met. */
  private void walk(ModelGraph graph, String output) {
    Deque<String> left = new ArrayDeque<>(List.of(output));
    Set<String> visited = new HashSet<>();
    meet(graph.node(output));
    while (!left.isEmpty()) {
      Node node = graph.node(left.pop());
      if (visited.add(node.name())) {
        for (String input : node.inputs()) {
          meet(graph.node(input));
          left.push(input);
        }
      }
    }
  }

  private void meet(Node node) {
    met.putIfAbsent(node.module(), met.size());
  }

  /** A class's places. */
  List<Site> of(ChannelClass channels) {
    List<Site> producers = new ArrayList<>();
    List<Site> others = new ArrayList<>();
    for (Site site : channels.sites()) {
      (produces(site) ? producers : others).add(site);
    }
    if (producers.isEmpty()) {
      return others;
    }
    Site root = producers.stream().min(Comparator.comparing(site -> met.get(site.layer()))).get();
    int from = topological.get(root.layer());
    List<Site> order = new ArrayList<>(List.of(root));
    others.stream().filter(site -> topological.get(site.layer()) > from).forEach(order::add);
    others.stream().filter(site -> topological.get(site.layer()) <= from).forEach(order::add);
    Collections.reverse(producers);
    producers.stream().filter(site -> !site.layer().equals(root.layer())).forEach(order::add);
    return order;
  }

  /**
   * The layers that produce a class: the one nearest to the network's input, then the others in
   * topological order.
   */
  List<Site> producers(ChannelClass channels) {
    List<Site> producers =
        new ArrayList<>(channels.sites().stream().filter(this::produces).toList());
    if (producers.isEmpty()) {
      return producers;
    }
    Site nearest =
        producers.stream().min(Comparator.comparing(site -> depths.get(site.layer()))).get();
    producers.removeIf(site -> site.layer().equals(nearest.layer()));
    producers.add(0, nearest);
    return producers;
  }

  private boolean produces(Site site) {
    return site.side() == Side.OUT && depths.containsKey(site.layer());
  }
}
