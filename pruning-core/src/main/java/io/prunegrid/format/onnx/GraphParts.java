package io.prunegrid.format.onnx;

import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The nodes of a graph as they come, each with a name of its own, and where their tensors are. */
final class GraphParts {
  private static final long MOST_ELEMENTS = 1L << 28;
  private static final int LONGEST_SIDE = 1 << 24;

  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Node> byName = new HashMap<>();
  private final Map<String, Shape> shapes = new HashMap<>();
  private final Map<String, Integer> repeated = new HashMap<>();
  private final Map<String, Source> tensors = new HashMap<>();
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

  /**
   * Adds a node without tensors.
   *
   * @param wanted its name, which gets a number where another node has it
   * @return its name
   */
  String add(String wanted, Op op, List<String> inputs) {
    String name = unique(wanted, op);
    return add(new Node(name, op, inputs));
  }

  /**
   * Adds a layer. One that reads the very same tensors as another in the same way is that layer
   * used again.
   *
   * @param wanted the module's name, if nothing else has it
   * @param again the node's name where the layer is used again
   * @param identity what the tensors are called in the file
   * @param sources the tensors by what follows the module's name
   */
  String layer(
      String wanted,
      String again,
      Op op,
      List<String> inputs,
      List<String> identity,
      Map<String, Source> sources) {
    List<Object> key = List.of(op, identity);
    String known = shared.get(key);
    if (known != null) {
      return add(new Node(unique(again, op), op, inputs, known));
    }
    String module = unique(wanted, op);
    while (collides(module, op)) {
      module = unique(module + "_", op);
    }
    shared.put(key, module);
    for (Map.Entry<String, Source> source : sources.entrySet()) {
      String suffix = source.getKey();
      tensors.put(suffix.isEmpty() ? module : module + "." + suffix, source.getValue());
    }
    return add(new Node(module, op, inputs));
  }

  private boolean collides(String module, Op op) {
    Node node = new Node(module, op, List.of());
    return op.parameters().stream().anyMatch(spec -> tensors.containsKey(node.parameterName(spec)));
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

  private String unique(String wanted, Op op) {
    String base = wanted.isEmpty() ? op.getClass().getSimpleName() : wanted;
    String name = base;
    while (byName.containsKey(name)) {
      name = base + "_" + repeated.merge(base, 1, Integer::sum);
    }
    return name;
  }

  /** The tensor of a parameter of the graph. */
  Tensor parameter(String name, Shape shape) throws IOException {
    return Tensor.wrap(shape, tensors.get(name).read());
  }
}
