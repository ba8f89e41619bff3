package io.prunegrid.format.onnx;

import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The nodes of a graph as they come, and where their tensors are. What they are called here only
 * tells them apart; {@link Naming} gives those that are left their names.
 */
final class GraphParts {
  private static final long MOST_ELEMENTS = 1L << 28;
  private static final int LONGEST_SIDE = 1 << 24;

  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Node> byName = new HashMap<>();
  private final Map<String, Shape> shapes = new HashMap<>();
  private final Map<String, Title> titles = new HashMap<>();
  private final Map<String, Map<String, Source>> tensors = new HashMap<>();
  private final Map<List<Object>, String> shared = new HashMap<>();

  /** Reads a tensor when it is needed. */
  interface Source {
    float[] read() throws IOException;
  }

  /** Everything that was added, also what nobody reads. */
  List<Node> nodes() {
    return nodes;
  }

  Node node(String name) {
    return byName.get(name);
  }

  Shape shape(String name) {
    return shapes.get(name);
  }

  /** What a node of this name is to be called. */
  Title title(String name) {
    return titles.get(name);
  }

  /** The tensors of a layer by what follows its name. */
  Map<String, Source> sources(String module) {
    return tensors.getOrDefault(module, Map.of());
  }

  /** Whether an output of this name can be a node itself, which then has a better claim to it. */
  boolean isCalled(String node, String output) {
    Title title = titles.get(node);
    if (!title.name().equals(output)) {
      return false;
    }
    if (title.claim() == Title.Claim.OTHER) {
      titles.put(node, new Title(output, Title.Claim.OUTPUT));
    }
    return true;
  }

  /**
   * Adds a node without tensors.
   *
   * @param title what it is to be called
   * @return its name so far
   */
  String add(Title title, Op op, List<String> inputs) {
    String name = entitled(title);
    return add(new Node(name, op, inputs));
  }

  /**
   * Adds a layer. One that reads the very same tensors as another in the same way is that layer
   * used again.
   *
   * @param title what the layer is to be called
   * @param again what the node is to be called where the layer is used again
   * @param identity what the tensors are called in the file
   * @param sources the tensors by what follows the layer's name
   */
  String layer(
      Title title,
      String again,
      Op op,
      List<String> inputs,
      List<String> identity,
      Map<String, Source> sources) {
    List<Object> key = List.of(op, identity);
    String known = shared.get(key);
    if (known != null) {
      return add(new Node(entitled(Title.of(again)), op, inputs, known));
    }
    String module = entitled(title);
    shared.put(key, module);
    tensors.put(module, sources);
    return add(new Node(module, op, inputs));
  }

  /** A name that tells a node apart from others. */
  private String entitled(Title title) {
    String name = String.valueOf(titles.size());
    titles.put(name, title);
    return name;
  }

  private String add(Node node) {
    Shape shape = node.op().infer(node.inputs().stream().map(shapes::get).toList());
    if (shape.dims().stream().anyMatch(dim -> dim == 0 || dim > LONGEST_SIDE)
        || shape.size() > MOST_ELEMENTS) {
      throw new Unsupported("it makes a tensor of the shape " + shape);
    }
    shapes.put(node.name(), shape);
    byName.put(node.name(), node);
    nodes.add(node);
    return node.name();
  }
}
