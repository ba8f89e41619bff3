package io.prunegrid.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network's structure: nodes in topological order, one input, named outputs, and the shape of
 * every node's output. Immutable; a graph that exists is consistent.
 */
public final class ModelGraph {
  private final List<Node> nodes;
  private final List<String> outputs;
  private final Map<String, Node> byName;
  private final Map<String, Shape> shapes;
  private final Map<String, List<Node>> consumers;
  private final Map<String, ParameterSpec> parameters;
  private final List<Node> layers;

  /**
   * Checks names and order and infers every shape.
   *
   * @throws IllegalArgumentException naming the node that does not fit
   */
  public ModelGraph(List<Node> nodes, List<String> outputs) {
    this.nodes = List.copyOf(nodes);
    this.outputs = List.copyOf(outputs);
    Map<String, Node> seen = new LinkedHashMap<>();
    Map<String, Shape> inferred = new LinkedHashMap<>();
    Map<String, List<Node>> readers = new LinkedHashMap<>();
    Map<String, ParameterSpec> specs = new LinkedHashMap<>();
    Map<String, Node> modules = new LinkedHashMap<>();
    for (Node node : this.nodes) {
      inferred.put(node.name(), infer(node, inferred));
      if (seen.put(node.name(), node) != null) {
        throw new IllegalArgumentException("two nodes are named '" + node.name() + "'");
      }
      readers.put(node.name(), new ArrayList<>());
      for (String input : node.inputs()) {
        List<Node> list = readers.get(input);
        if (!list.contains(node)) {
          list.add(node);
        }
      }
      for (ParameterSpec spec : node.op().parameters()) {
        modules.putIfAbsent(node.module(), node);
        ParameterSpec other = specs.put(node.parameterName(spec), spec);
        if (other != null && !other.equals(spec)) {
          throw new IllegalArgumentException(
              "node '"
                  + node.name()
                  + "' shares "
                  + node.parameterName(spec)
                  + " but needs another shape");
        }
      }
    }
    if (this.outputs.isEmpty()) {
      throw new IllegalArgumentException("a graph needs at least one output");
    }
    for (String output : this.outputs) {
      if (!seen.containsKey(output)) {
        throw new IllegalArgumentException("output '" + output + "' is no node of the graph");
      }
    }
    if (this.nodes.stream().filter(node -> node.op() instanceof Op.Input).count() != 1) {
      throw new IllegalArgumentException("a graph has exactly one input node");
    }
    readers.replaceAll((name, list) -> List.copyOf(list));
    this.byName = Collections.unmodifiableMap(seen);
    this.shapes = Collections.unmodifiableMap(inferred);
    this.consumers = Collections.unmodifiableMap(readers);
    this.parameters = Collections.unmodifiableMap(specs);
    this.layers = List.copyOf(modules.values());
  }

  private static Shape infer(Node node, Map<String, Shape> known) {
    List<Shape> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      Shape shape = known.get(input);
      if (shape == null) {
        throw new IllegalArgumentException(
            "node '" + node.name() + "' reads '" + input + "' before it is computed");
      }
      inputs.add(shape);
    }
    try {
      return node.op().infer(inputs);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "node '"
              + node.name()
              + "' ("
              + node.op().getClass().getSimpleName()
              + ") "
              + e.getMessage(),
          e);
    }
  }

  /** All nodes; every node comes after the nodes it reads. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Names of the nodes whose outputs are the network's. */
  public List<String> outputs() {
    return outputs;
  }

  /** The only output. */
  public String output() {
    if (outputs.size() != 1) {
      throw new IllegalStateException("the network has " + outputs.size() + " outputs: " + outputs);
    }
    return outputs.get(0);
  }

  public Node node(String name) {
    Node node = byName.get(name);
    if (node == null) {
      throw new IllegalArgumentException("no node is named '" + name + "'");
    }
    return node;
  }

  public boolean contains(String name) {
    return byName.containsKey(name);
  }

  /** Shape of a node's output, batch left out. */
  public Shape shape(String name) {
    Shape shape = shapes.get(name);
    if (shape == null) {
      throw new IllegalArgumentException("no node is named '" + name + "'");
    }
    return shape;
  }

  /** Shape of a node's n-th input. */
  public Shape inputShape(Node node, int index) {
    return shape(node.inputs().get(index));
  }

  /** The nodes that read this node's output, each once, in topological order. */
  public List<Node> consumers(String name) {
    return consumers.get(name);
  }

  /** Shape of the network's input: {@code (channel, height, width)}. */
  public Shape input() {
    return nodes.stream()
        .filter(node -> node.op() instanceof Op.Input)
        .map(node -> shape(node.name()))
        .findFirst()
        .orElseThrow();
  }

  /** Nodes that own weights, one for each module, in topological order. */
  public List<Node> layers() {
    return layers;
  }

  /**
   * Every tensor of the network by its torch-style name, buffers too, in topological and torch's
   * order.
   */
  public Map<String, ParameterSpec> parameters() {
    return parameters;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ModelGraph graph
        && nodes.equals(graph.nodes)
        && outputs.equals(graph.outputs);
  }

  @Override
  public int hashCode() {
    return nodes.hashCode() * 31 + outputs.hashCode();
  }

  @Override
  public String toString() {
    return "ModelGraph of " + nodes.size() + " nodes, input " + input() + ", outputs " + outputs;
  }
}
