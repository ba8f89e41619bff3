package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.GraphParts.Source;
import io.prunegrid.format.onnx.Title.Claim;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The names of the nodes that are left, given once it is known which those are, so that a layer has
 * the name of its weight whatever came before it. Where several want a name, the one with the best
 * claim has it, of equal ones the first; the others get a number.
 */
final class Naming {
  private final GraphParts parts;
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, String> modules = new HashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final Map<String, Integer> repeated = new HashMap<>();
  private final Map<String, Source> tensors = new HashMap<>();

  /**
   * @param nodes of {@code parts}, those that the network needs
   */
  Naming(GraphParts parts, List<Node> nodes) {
    this.parts = parts;
    Map<Node, Title> titles = new HashMap<>();
    for (Node node : nodes) {
      // The first node that is left of a module has the module's name.
      boolean first = modules.putIfAbsent(node.module(), "") == null;
      titles.put(node, parts.title(first ? node.module() : node.name()));
    }
    for (Claim claim : Claim.values()) {
      nodes.stream()
          .filter(node -> titles.get(node).claim() == claim)
          .forEach(node -> give(node, titles.get(node)));
    }
  }

  private void give(Node node, Title title) {
    String name =
        unique(title.name().isEmpty() ? node.op().getClass().getSimpleName() : title.name());
    if (modules.get(node.module()).isEmpty()) {
      Map<String, Source> sources = parts.sources(node.module());
      while (collides(name, sources)) {
        name = unique(name + "_");
      }
      for (Map.Entry<String, Source> source : sources.entrySet()) {
        tensors.put(tensor(name, source.getKey()), source.getValue());
      }
      modules.put(node.module(), name);
    }
    taken.add(name);
    names.put(node.name(), name);
  }

  private String unique(String wanted) {
    String name = wanted;
    while (taken.contains(name)) {
      name = wanted + "_" + repeated.merge(wanted, 1, Integer::sum);
    }
    return name;
  }

  private boolean collides(String module, Map<String, Source> sources) {
    return sources.keySet().stream()
        .anyMatch(suffix -> tensors.containsKey(tensor(module, suffix)));
  }

  private static String tensor(String module, String suffix) {
    return suffix.isEmpty() ? module : module + "." + suffix;
  }

  /** The name of a node, by what it was called so far. */
  String of(String node) {
    return names.get(node);
  }

  /** A node and what it reads under their names. */
  Node named(Node node) {
    return new Node(
        of(node.name()),
        node.op(),
        node.inputs().stream().map(this::of).toList(),
        modules.get(node.module()));
  }

  /** The tensor of a parameter of the graph. */
  Tensor parameter(String name, Shape shape) throws IOException {
    return Tensor.wrap(shape, tensors.get(name).read());
  }
}
