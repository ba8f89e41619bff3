package io.prunegrid.graph;

import java.util.List;

/**
 * One step of a network.
 *
 * @param name unique in its graph; for nodes that own weights the torch module's name, for instance
 *     {@code layer1.0.conv1}
 * @param op what it computes
 * @param inputs names of the nodes whose outputs it reads, in order
 * @param module prefix of its parameters' names; the same as {@code name} except where one module
 *     is used several times
 */
public record Node(String name, Op op, List<String> inputs, String module) {
  public Node {
    inputs = List.copyOf(inputs);
  }

  public Node(String name, Op op, List<String> inputs) {
    this(name, op, inputs, name);
  }

  /** The torch-style name of one of its tensors, for instance {@code layer1.0.conv1.weight}. */
  public String parameterName(ParameterSpec spec) {
    return parameterName(spec.suffix());
  }

  public String parameterName(String suffix) {
    return suffix.isEmpty() ? module : module + "." + suffix;
  }

  public boolean ownsWeights() {
    return !op.parameters().isEmpty();
  }

  public Node withOp(Op changed) {
    return new Node(name, changed, inputs, module);
  }

  public Node withInputs(List<String> changed) {
    return new Node(name, op, changed, module);
  }
}
