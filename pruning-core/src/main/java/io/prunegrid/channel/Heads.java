package io.prunegrid.channel;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The classifier: the last linear layer or convolution, whose outputs reach the network's output
 * with nothing behind it that mixes them (normalization, nonlinearity, pooling to one pixel and
 * flattening may stand between).
 */
public final class Heads {
  private Heads() {}

  /** How many classes the network tells apart. */
  public static int outputs(ModelGraph graph) {
    return graph.shape(graph.output()).channels();
  }

  /**
   * Checks that the network answers an image with one number for each class.
   *
   * @param network what the message calls it
   * @throws BadInput naming the outputs of one that answers otherwise
   */
  public static void requireClassifier(String network, ModelGraph graph) {
    if (graph.outputs().size() > 1) {
      throw new BadInput(
          network
              + " classifies no images: it has "
              + graph.outputs().size()
              + " outputs, "
              + String.join(", ", graph.outputs())
              + "; allowed: networks with one output, one number for each class");
    }
    Shape output = graph.shape(graph.output());
    if (output.size() != output.channels()) {
      throw new BadInput(
          network
              + " classifies no images: its output "
              + graph.output()
              + " has the shape "
              + output
              + "; allowed: networks with one number for each class");
    }
  }

  /**
   * The layer that makes the network's outputs.
   *
   * @throws BadInput where the outputs do not come one for one from a single layer
   */
  public static Node layer(ModelGraph graph) {
    List<Node> tail = tail(graph);
    return tail.get(tail.size() - 1);
  }

  /**
   * The model with only these outputs, in this order.
   *
   * @param rows original outputs, each at most once, at least one
   * @throws BadInput where the network has no such classifier, see {@link #layer}
   */
  public static Model keepRows(Model model, List<Integer> rows) {
    Set<Integer> distinct = new HashSet<>(rows);
    int outputs = outputs(model.graph());
    if (rows.isEmpty()
        || distinct.size() < rows.size()
        || rows.stream().anyMatch(row -> row < 0 || row >= outputs)) {
      throw new IllegalArgumentException(
          "expects some of the " + outputs + " outputs, each once, found " + rows);
    }
    int[] kept = rows.stream().mapToInt(Integer::intValue).toArray();
    Map<String, Tensor> reduced = new LinkedHashMap<>();
    for (String name : parameters(model.graph())) {
      reduced.put(name, model.weights().get(name).select(0, kept));
    }
    return new Model(withOutputs(model.graph(), kept.length), model.weights().with(reduced));
  }

  /**
   * The model with a new classifier; everything before it stays.
   *
   * @param classes outputs of the new classifier, at least 1
   * @param initialization weights for a whole graph, of which the classifier's are taken
   * @throws BadInput where the network has no such classifier, see {@link #layer}
   */
  public static Model fresh(
      Model model, int classes, Function<ModelGraph, Weights> initialization) {
    ModelGraph graph = withOutputs(model.graph(), classes);
    Weights initial = initialization.apply(graph);
    Map<String, Tensor> replaced = new LinkedHashMap<>();
    for (String name : parameters(graph)) {
      replaced.put(name, initial.get(name));
    }
    return new Model(graph, model.weights().with(replaced));
  }

  /**
   * The structure with another number of outputs.
   *
   * @throws BadInput where the network has no such classifier, see {@link #layer}
   */
  public static ModelGraph withOutputs(ModelGraph graph, int classes) {
    if (classes < 1) {
      throw new IllegalArgumentException(
          "a classifier needs at least one output, found " + classes);
    }
    Set<String> changed = new HashSet<>();
    tail(graph).forEach(node -> changed.add(node.name()));
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.add(changed.contains(node.name()) ? node.withOp(resized(node.op(), classes)) : node);
    }
    return new ModelGraph(nodes, graph.outputs());
  }

  /** Names of the tensors that have one row for each output, buffers too. */
  public static List<String> parameters(ModelGraph graph) {
    Set<String> names = new LinkedHashSet<>();
    for (Node node : tail(graph)) {
      for (ParameterSpec spec : node.op().parameters()) {
        names.add(node.parameterName(spec));
      }
    }
    return List.copyOf(names);
  }

  private static Op resized(Op op, int classes) {
    if (op instanceof Op.Linear linear) {
      return new Op.Linear(linear.in(), classes, linear.bias());
    }
    if (op instanceof Op.Conv2d conv) {
      return new Op.Conv2d(
          conv.in(),
          classes,
          conv.kernel(),
          conv.stride(),
          conv.padding(),
          conv.dilation(),
          conv.groups(),
          conv.bias());
    }
    if (op instanceof Op.BatchNorm2d norm) {
      return new Op.BatchNorm2d(classes, norm.eps(), norm.momentum());
    }
    return op;
  }

  /** From the network's output back to the layer that makes it. */
  private static List<Node> tail(ModelGraph graph) {
    List<Node> tail = new ArrayList<>();
    Node node = graph.node(graph.output());
    while (true) {
      boolean read = !tail.isEmpty();
      if (graph.consumers(node.name()).size() != (read ? 1 : 0)) {
        throw unsuitable(node, "its output is also read elsewhere");
      }
      if (node.ownsWeights() && uses(graph, node) > 1) {
        throw unsuitable(node, "it is used in several places");
      }
      tail.add(node);
      Op op = node.op();
      if (op instanceof Op.Linear || (op instanceof Op.Conv2d conv && conv.groups() == 1)) {
        return tail;
      }
      boolean passes =
          op instanceof Op.Relu
              || op instanceof Op.Dropout
              || op instanceof ElementOp.Activation
              || op instanceof ElementOp.Softmax
              || op instanceof Op.BatchNorm2d
              || op instanceof Op.MaxPool2d
              || op instanceof Op.AdaptiveAvgPool2d
              || (op instanceof Op.Flatten && graph.inputShape(node, 0).positions() == 1);
      if (!passes) {
        throw unsuitable(node, "it is no linear layer or plain convolution");
      }
      node = graph.node(node.inputs().get(0));
    }
  }

  private static long uses(ModelGraph graph, Node node) {
    return graph.nodes().stream()
        .filter(other -> other.ownsWeights() && other.module().equals(node.module()))
        .count();
  }

  private static BadInput unsuitable(Node node, String reason) {
    return new BadInput(
        "the network's outputs cannot be reduced or replaced: they come from node '"
            + node.name()
            + "', and "
            + reason);
  }
}
