package io.prunegrid.format.onnx;

import io.prunegrid.format.Malformed;
import io.prunegrid.format.onnx.Value.Activation;
import io.prunegrid.format.onnx.Value.Refused;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns the nodes of a file, one after the other, into nodes of ours. What cannot be computed is an
 * error only where an output needs it, so that pieces which {@link Patterns} puts together may be
 * made of operators that are not supported by themselves.
 */
final class Translation {
  private static final long OLDEST_OPSET = 11;
  private static final long NEWEST_OPSET = 17;

  private final OnnxFile file;
  private final Folding folding;
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, OnnxNode> producers = new HashMap<>();
  private final Map<String, Integer> readers = new HashMap<>();
  private final GraphParts parts = new GraphParts();
  private final Patterns patterns = new Patterns(this);
  private long fixedBatch;

  Translation(OnnxFile file, long length) throws IOException {
    this.file = file;
    this.folding = new Folding(file.opset(), length);
    if (file.opset() < OLDEST_OPSET || file.opset() > NEWEST_OPSET) {
      throw new Malformed(
          "is written in opset "
              + file.opset()
              + "; allowed: "
              + OLDEST_OPSET
              + " to "
              + NEWEST_OPSET
              + " (opset_version of torch.onnx.export)");
    }
  }

  Model model() throws IOException {
    input();
    for (OnnxNode node : file.nodes()) {
      for (String name : node.inputs()) {
        readers.merge(name, 1, Integer::sum);
      }
    }
    file.outputs().forEach(output -> readers.merge(output.name(), 1, Integer::sum));
    for (OnnxNode node : file.nodes()) {
      translate(node);
    }
    return assembled(outputs());
  }

  private void input() throws IOException {
    if (file.inputs().size() != 1) {
      throw new Malformed(
          "has "
              + file.inputs().size()
              + " inputs "
              + file.inputs().stream().map(input -> Malformed.quote(input.name())).limit(5).toList()
              + "; networks with one input are supported");
    }
    OnnxFile.Declared input = file.inputs().get(0);
    String label = "input " + Malformed.quote(input.name());
    if (input.elementType() != 1) {
      throw new Malformed(label + " is not of float32, the only type that is supported");
    }
    if (input.dims() == null || input.dims().size() < 2) {
      throw new Malformed(label + " does not have a batch and at least one dimension more");
    }
    fixedBatch = Math.max(0, input.dims().get(0));
    List<Integer> dims = new ArrayList<>();
    for (long dim : input.dims().subList(1, input.dims().size())) {
      if (dim < 1) {
        throw new Malformed(
            label + " leaves a size open besides the batch; export it with fixed sizes");
      }
      dims.add((int) Math.min(dim, Integer.MAX_VALUE));
    }
    try {
      Shape shape = new Shape(dims);
      String node = parts.add(Title.of(input.name()), new Op.Input(shape), List.of());
      values.put(input.name(), new Activation(node, shape));
    } catch (Unsupported e) {
      throw new Malformed(label + ": " + e.getMessage());
    }
  }

  private void translate(OnnxNode node) throws IOException {
    for (String name : node.inputs()) {
      if (!name.isEmpty() && value(name) == null) {
        throw new Malformed(
            describe(node)
                + " reads "
                + Malformed.quote(name)
                + ", which nothing before it computes");
      }
    }
    Step step = new Step(this, node);
    try {
      if (!node.domain().isEmpty() && !node.domain().equals("ai.onnx")) {
        throw new Unsupported("operators of " + Unsupported.quote(node.domain()) + " are unknown");
      }
      if (!patterns.translate(step)) {
        Operators.translate(step, folding);
      }
    } catch (Unsupported e) {
      refuse(step, describe(node) + ": " + e.getMessage());
    } catch (Refusal e) {
      refuse(step, e.refused.reason());
    } catch (IllegalArgumentException | ArithmeticException e) {
      refuse(step, describe(node) + ": it " + new Unsupported(e.getMessage()).getMessage());
    }
    List<Value> results = step.results();
    for (int i = 0; i < node.outputs().size(); i++) {
      String name = node.outputs().get(i);
      if (name.isEmpty()) {
        continue;
      }
      Value result =
          i < results.size()
              ? results.get(i)
              : new Refused(describe(node) + ": its output number " + i + " is not supported");
      if (value(name) != null) {
        throw new Malformed("computes " + Malformed.quote(name) + " twice");
      }
      values.put(name, result);
      producers.put(name, node);
    }
  }

  private static void refuse(Step step, String reason) {
    step.clear();
    for (int i = 0; i < step.node().outputs().size(); i++) {
      step.give(new Refused(reason));
    }
  }

  private static String describe(OnnxNode node) {
    return "node " + Malformed.quote(node.label()) + " (" + Malformed.quote(node.operator()) + ")";
  }

  private List<String> outputs() throws IOException {
    if (file.outputs().isEmpty()) {
      throw new Malformed("has no outputs");
    }
    List<String> names = new ArrayList<>();
    for (OnnxFile.Declared output : file.outputs()) {
      Value value = value(output.name());
      String label = "output " + Malformed.quote(output.name());
      if (value instanceof Refused refused) {
        throw new Malformed(refused.reason());
      }
      if (!(value instanceof Activation activation)) {
        throw new Malformed(label + (value == null ? " is not computed" : " is a constant"));
      }
      if (!activation.isPlain()) {
        throw new Malformed(label + " does not begin with the batch");
      }
      names.add(named(output.name(), activation));
    }
    return names;
  }

  /** Several outputs keep their names, which tell them apart. */
  private String named(String wanted, Activation value) {
    if (file.outputs().size() == 1 || parts.isCalled(value.node(), wanted)) {
      return value.node();
    }
    Title title = new Title(wanted, Title.Claim.OUTPUT);
    return parts.add(title, new ShapeOp.Reshape(value.shape()), List.of(value.node()));
  }

  /** The network without what no output needs. */
  private Model assembled(List<String> outputs) throws IOException {
    List<Node> nodes = parts.nodes();
    Set<String> needed = new HashSet<>(outputs);
    List<Node> kept = new ArrayList<>();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (needed.contains(node.name()) || node.op() instanceof Op.Input) {
        kept.add(node);
        needed.addAll(node.inputs());
      }
    }
    Collections.reverse(kept);
    Naming naming = new Naming(parts, kept);
    ModelGraph graph;
    try {
      graph =
          new ModelGraph(
              kept.stream().map(naming::named).toList(), outputs.stream().map(naming::of).toList());
    } catch (IllegalArgumentException e) {
      throw new Malformed(new Unsupported(e.getMessage()).getMessage());
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, ParameterSpec> entry : graph.parameters().entrySet()) {
      String name = entry.getKey();
      tensors.put(name, naming.parameter(name, entry.getValue().shape()));
    }
    return new Model(graph, new Weights(tensors));
  }

  GraphParts parts() {
    return parts;
  }

  Folding folding() {
    return folding;
  }

  long opset() {
    return file.opset();
  }

  /** The number of samples where the file fixes it, else 0. */
  long fixedBatch() {
    return fixedBatch;
  }

  /** What a name stands for; null where nothing has computed it. */
  Value value(String name) throws IOException {
    Value known = values.get(name);
    OnnxTensor stored = known == null ? file.initializers().get(name) : null;
    if (stored == null) {
      return known;
    }
    try {
      known = Constant.of(stored);
    } catch (Unsupported e) {
      known = new Refused("tensor " + Malformed.quote(name) + ": " + e.getMessage());
    }
    values.put(name, known);
    return known;
  }

  /** The node that computes a value; null for inputs and initializers. */
  OnnxNode producer(String name) {
    return producers.get(name);
  }

  /** How many nodes and outputs read a value. */
  int readers(String name) {
    return readers.getOrDefault(name, 0);
  }

  /** A node needs a value that was refused. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Refused refused;

    Refusal(Refused refused) {
      super(refused.reason());
      this.refused = refused;
    }
  }
}
