package io.prunegrid.runtime;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Op.BatchNorm2d;
import io.prunegrid.graph.Op.Conv2d;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Widens a pruned network for the processor, whose vectors hold eight channels: channels of zeros
 * are added between convolutions until their number is a multiple of eight. Their weights, norm
 * factors and gradients are exactly zero and stay so in training, whatever the update rule, so the
 * network in the leading corner of every tensor trains as it would alone, only faster: normalizing
 * 12 channels takes several times as long as 16.
 *
 * <p>Only channels between ungrouped convolutions are widened, with batch norm, rectifiers,
 * pooling, subsampling and sums among them; channels that reach an output, a linear layer, a
 * concatenation, dropout or a padded shortcut stay as they are.
 */
final class WidthPadding {
  private static final int MULTIPLE = 8;

  private final ModelGraph narrow;
  private final ModelGraph wide;
  private final Map<String, String> parents = new HashMap<>();

  WidthPadding(ModelGraph graph) {
    this.narrow = graph;
    Set<String> fixed = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Conv2d conv) {
        if (conv.groups() > 1) {
          fixed.add(node.name());
          fixed.addAll(node.inputs());
        }
      } else if (keepsChannels(node.op())) {
        node.inputs().forEach(input -> unite(input, node.name()));
      } else {
        fixed.add(node.name());
        fixed.addAll(node.inputs());
      }
    }
    fixed.addAll(graph.outputs());
    uniteSharedModules(graph);
    Set<String> fixedRoots = new HashSet<>();
    fixed.forEach(name -> fixedRoots.add(root(name)));
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.add(node.withOp(widened(node, fixedRoots)));
    }
    this.wide = new ModelGraph(nodes, graph.outputs());
  }

  private static boolean keepsChannels(Op op) {
    return op instanceof BatchNorm2d
        || op instanceof Op.Relu
        || op instanceof Op.MaxPool2d
        || op instanceof Op.AdaptiveAvgPool2d
        || op instanceof Op.Subsample2d
        || op instanceof Op.Add;
  }

  /** Uses of one module have one width. */
  private void uniteSharedModules(ModelGraph graph) {
    Map<String, Node> first = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (node.ownsWeights()) {
        Node other = first.putIfAbsent(node.module(), node);
        if (other != null) {
          unite(other.name(), node.name());
          unite(other.inputs().get(0), node.inputs().get(0));
        }
      }
    }
  }

  private String root(String name) {
    String parent = parents.getOrDefault(name, name);
    if (parent.equals(name)) {
      return name;
    }
    String root = root(parent);
    parents.put(name, root);
    return root;
  }

  private void unite(String first, String second) {
    parents.put(root(second), root(first));
  }

  private int width(String name, Set<String> fixedRoots) {
    int channels = narrow.shape(name).channels();
    return fixedRoots.contains(root(name))
        ? channels
        : (channels + MULTIPLE - 1) / MULTIPLE * MULTIPLE;
  }

  private Op widened(Node node, Set<String> fixedRoots) {
    if (node.op() instanceof Conv2d conv) {
      return new Conv2d(
          width(node.inputs().get(0), fixedRoots),
          width(node.name(), fixedRoots),
          conv.kernel(),
          conv.stride(),
          conv.padding(),
          conv.dilation(),
          conv.groups(),
          conv.bias());
    }
    if (node.op() instanceof BatchNorm2d norm) {
      return new BatchNorm2d(width(node.name(), fixedRoots), norm.eps(), norm.momentum());
    }
    return node.op();
  }

  /** The widened model. */
  Model widen(Model model) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    wide.parameters()
        .forEach(
            (name, spec) ->
                tensors.put(
                    name,
                    resized(
                        model.weights().get(name),
                        spec.shape(),
                        spec.role() == Role.RUNNING_VARIANCE ? 1 : 0)));
    return new Model(wide, new Weights(tensors));
  }

  /** Masks of the widened model's parameters, what is added filled. */
  Map<String, Tensor> widen(Map<String, Tensor> masks, float fill) {
    Map<String, Tensor> widened = new LinkedHashMap<>();
    masks.forEach(
        (name, mask) ->
            widened.put(name, resized(mask, wide.parameters().get(name).shape(), fill)));
    return widened;
  }

  /** The model in the leading corners. */
  Model narrow(Weights weights) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    narrow
        .parameters()
        .forEach((name, spec) -> tensors.put(name, resized(weights.get(name), spec.shape(), 0)));
    return new Model(narrow, new Weights(tensors));
  }

  /** The tensor's leading corner in another shape of the same rank. */
  private static Tensor resized(Tensor tensor, Shape shape, float fill) {
    if (tensor.shape().equals(shape)) {
      return tensor;
    }
    float[] values = new float[Math.toIntExact(shape.size())];
    int outer = shape.dim(0);
    int inner = shape.rank() > 1 ? shape.dim(1) : 1;
    int block = values.length / (outer * inner);
    int innerFrom = tensor.shape().rank() > 1 ? tensor.shape().dim(1) : 1;
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        boolean inside = o < tensor.shape().dim(0) && i < innerFrom;
        for (int b = 0; b < block; b++) {
          values[(o * inner + i) * block + b] =
              inside ? tensor.at((o * innerFrom + i) * block + b) : fill;
        }
      }
    }
    return Tensor.wrap(shape, values);
  }
}
