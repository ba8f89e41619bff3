package io.prunegrid.graph;

import io.prunegrid.graph.Op.BatchNorm2d;
import io.prunegrid.graph.Op.Conv2d;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Merges batch normalization in evaluation mode into the convolution before it: {@code weight' =
 * weight s} and {@code bias' = (bias - running_mean) s + norm bias} with {@code s = norm weight /
 * sqrt(running_var + eps)} for each output channel, computed in double. The result computes the
 * same function with fewer steps; it is for evaluation, not for training.
 *
 * <p>A normalization stays where its input is no convolution, where that convolution has another
 * reader or is an output itself, and where its module is used more than once.
 */
public final class BatchNormFolding {
  private final Model model;
  private final ModelGraph graph;
  private final Map<String, Integer> uses = new HashMap<>();
  private final Map<String, String> renamed = new HashMap<>();
  private final Map<String, Tensor> changed = new LinkedHashMap<>();

  private BatchNormFolding(Model model) {
    this.model = model;
    this.graph = model.graph();
    for (Node node : graph.nodes()) {
      if (node.ownsWeights()) {
        uses.merge(node.module(), 1, Integer::sum);
      }
    }
  }

  /** The model with every batch normalization merged that can be. */
  public static Model fold(Model model) {
    return new BatchNormFolding(model).folded();
  }

  private Model folded() {
    Map<String, Conv2d> withBias = new HashMap<>();
    Set<String> dropped = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof BatchNorm2d norm && isFoldable(node)) {
        Node convolution = graph.node(node.inputs().get(0));
        Conv2d op = (Conv2d) convolution.op();
        merge(convolution, op, node, norm);
        withBias.put(
            convolution.name(),
            new Conv2d(
                op.in(),
                op.out(),
                op.kernel(),
                op.stride(),
                op.padding(),
                op.dilation(),
                op.groups(),
                true));
        dropped.add(node.name());
        renamed.put(node.name(), convolution.name());
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!dropped.contains(node.name())) {
        Node kept =
            node.withInputs(
                node.inputs().stream().map(input -> renamed.getOrDefault(input, input)).toList());
        nodes.add(
            withBias.containsKey(node.name()) ? kept.withOp(withBias.get(node.name())) : kept);
      }
    }
    ModelGraph result =
        new ModelGraph(
            nodes, graph.outputs().stream().map(name -> renamed.getOrDefault(name, name)).toList());
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : result.parameters().keySet()) {
      Tensor tensor = changed.get(name);
      tensors.put(name, tensor == null ? model.weights().get(name) : tensor);
    }
    return new Model(result, new Weights(tensors));
  }

  private boolean isFoldable(Node norm) {
    Node input = graph.node(norm.inputs().get(0));
    return input.op() instanceof Conv2d
        && graph.consumers(input.name()).size() == 1
        && !graph.outputs().contains(input.name())
        && uses.get(input.module()) == 1
        && uses.get(norm.module()) == 1;
  }

  private void merge(Node convolution, Conv2d op, Node norm, BatchNorm2d batchNorm) {
    Weights weights = model.weights();
    Tensor weight = weights.get(convolution.parameterName("weight"));
    Tensor gamma = weights.get(norm.parameterName("weight"));
    Tensor beta = weights.get(norm.parameterName("bias"));
    Tensor mean = weights.get(norm.parameterName("running_mean"));
    Tensor variance = weights.get(norm.parameterName("running_var"));
    float[] values = weight.toArray();
    float[] bias = new float[op.out()];
    int length = values.length / op.out();
    for (int c = 0; c < op.out(); c++) {
      double scale = gamma.at(c) / Math.sqrt(variance.at(c) + batchNorm.eps());
      for (int i = c * length; i < (c + 1) * length; i++) {
        values[i] = (float) (values[i] * scale);
      }
      double before = op.bias() ? weights.get(convolution.parameterName("bias")).at(c) : 0;
      bias[c] = (float) ((before - mean.at(c)) * scale + beta.at(c));
    }
    changed.put(convolution.parameterName("weight"), Tensor.wrap(weight.shape(), values));
    changed.put(convolution.parameterName("bias"), Tensor.wrap(Shape.of(op.out()), bias));
  }
}
