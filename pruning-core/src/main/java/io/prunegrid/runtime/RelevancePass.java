package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.common.BadInput;
import io.prunegrid.graph.BatchNormFolding;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.TokenOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Layer-wise relevance propagation through any graph: batch norm is folded into the convolution
 * before it, relevance starts at the label's output and goes back node by node. Nonlinearities, and
 * normalizations that cannot be folded, pass it on; a maximum gives it to the winner; means and
 * sums share it in proportion to what they add up; what rearranges values sends it where they came
 * from. Of a product the signal takes all and what weighs it nothing, attention weights among them.
 * A tensor with several readers gets the sum of what they send.
 */
final class RelevancePass {
  private static final double SUM_EPSILON = 1e-6;

  private final ModelGraph graph;
  private final RelevanceRules rules;
  private final Map<String, PtNDArray> parameters = new HashMap<>();
  private final Set<String> needed;
  private final RelevanceShares shares;

  RelevancePass(PtNDManager manager, Model model, RelevanceRules rules) {
    Model folded = BatchNormFolding.fold(model);
    this.graph = folded.graph();
    this.rules = rules;
    this.needed = GraphRunner.needed(graph);
    check(graph, needed);
    folded
        .weights()
        .asMap()
        .forEach((name, tensor) -> parameters.put(name, Kernels.upload(manager, tensor)));
    this.shares = new RelevanceShares(manager, graph, parameters);
  }

  /** What is done with the relevance of a node's output. */
  interface Visitor {
    /**
     * Looks at it.
     *
     * @param relevance of the node's output's shape; not the visitor's to close
     */
    void visit(String node, PtNDArray relevance);

    /**
     * Looks at what a node sends to its inputs.
     *
     * @param parts by input; null where nothing is sent
     */
    default void sent(String node, PtNDArray relevance, List<PtNDArray> parts) {}
  }

  /**
   * Propagates the relevance of each image's label.
   *
   * @param input {@code (n, channel, height, width)}; stays the caller's
   * @param stop names of nodes; what lies before all of them is not computed
   */
  void run(PtNDManager step, PtNDArray input, int[] labels, Set<String> stop, Visitor visitor) {
    Map<String, PtNDArray> outputs = forward(input);
    Map<String, PtNDArray> relevance = new HashMap<>();
    relevance.put(graph.output(), start(step, outputs.get(graph.output()), labels));
    Set<String> wanted = wanted(stop);
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      Node node = graph.nodes().get(i);
      PtNDArray own = relevance.remove(node.name());
      if (own != null && wanted.contains(node.name())) {
        visitor.visit(node.name(), own);
        if (!node.inputs().isEmpty() && node.inputs().stream().anyMatch(wanted::contains)) {
          List<PtNDArray> parts = propagate(node, outputs, own);
          visitor.sent(node.name(), own, parts);
          for (int k = 0; k < parts.size(); k++) {
            if (parts.get(k) != null) {
              relevance.merge(node.inputs().get(k), parts.get(k), RelevancePass::sum);
            }
          }
        }
      }
      if (own != null) {
        own.close();
      }
      PtNDArray done = outputs.remove(node.name());
      if (done != null && !(node.op() instanceof Op.Input)) {
        done.close();
      }
    }
  }

  private Map<String, PtNDArray> forward(PtNDArray input) {
    Map<String, PtNDArray> outputs = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Input) {
        outputs.put(node.name(), input);
      } else if (node.op() instanceof TokenOp.Parameter) {
        outputs.put(node.name(), Kernels.bare(node, input, parameters));
      } else if (needed.contains(node.name())) {
        outputs.put(
            node.name(),
            GraphRunner.apply(
                node,
                inputs(node, outputs),
                parameters,
                GraphRunner.Mode.EVALUATION,
                GraphRunner.Hook.NONE));
      }
    }
    return outputs;
  }

  /** The nodes whose output depends on one of these, and these. */
  private Set<String> wanted(Set<String> stop) {
    Set<String> wanted = new HashSet<>(stop);
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().anyMatch(wanted::contains)) {
        wanted.add(node.name());
      }
    }
    return wanted;
  }

  private PtNDArray start(PtNDManager step, PtNDArray logits, int[] labels) {
    int n = (int) logits.getShape().get(0);
    int classes = (int) logits.getShape().get(1);
    float[] values =
        rules.start() == RelevanceRules.Start.LOGIT
            ? logits.toFloatArray()
            : new float[n * classes];
    for (int i = 0; i < n; i++) {
      float own = rules.start() == RelevanceRules.Start.LOGIT ? values[i * classes + labels[i]] : 1;
      Arrays.fill(values, i * classes, (i + 1) * classes, 0);
      values[i * classes + labels[i]] = own;
    }
    return Kernels.upload(step, values, n, classes);
  }

  private List<PtNDArray> propagate(
      Node node, Map<String, PtNDArray> outputs, PtNDArray relevance) {
    PtNDArray[] inputs = inputs(node, outputs);
    Op op = node.op();
    if (RelevanceShares.hasRule(op)) {
      boolean pixels = graph.node(node.inputs().get(0)).op() instanceof Op.Input;
      RelevanceRules.Rule rule = op instanceof Op.Linear ? rules.linear() : rules.convolutions();
      return List.of(
          shares.layer(node, inputs[0], relevance, pixels ? rules.pixels().orElse(rule) : rule));
    }
    if (passes(op)) {
      return List.of(RelevanceKernels.copy(relevance));
    }
    if (op instanceof Op.Add) {
      return shares.terms(inputs, outputs.get(node.name()), relevance, SUM_EPSILON);
    }
    if (op instanceof ElementOp.Arithmetic arithmetic) {
      return arithmetic(node, arithmetic.operation(), inputs, outputs, relevance);
    }
    if (op instanceof TokenOp.MultiHeadAttention attention) {
      return Arrays.asList(null, null, shares.attended(node, attention, inputs, relevance));
    }
    if (op instanceof TokenOp.MatMul) {
      return isGate(node, 0)
          ? Arrays.asList(null, shares.product(inputs, 1, relevance, 1, SUM_EPSILON))
          : List.of(
              shares.product(inputs, 0, relevance, 0.5, SUM_EPSILON),
              shares.product(inputs, 1, relevance, 0.5, SUM_EPSILON));
    }
    if (op instanceof Op.Concat concat) {
      List<PtNDArray> parts = new ArrayList<>();
      int axis = concat.axis() + 1;
      long from = 0;
      for (PtNDArray input : inputs) {
        long to = from + input.getShape().get(axis);
        parts.add(RelevanceKernels.part(relevance, axis, from, to));
        from = to;
      }
      return parts;
    }
    if (isMean(op)) {
      return List.of(shares.mean(node, inputs[0], relevance, SUM_EPSILON));
    }
    if (op instanceof Op.Flatten) {
      return List.of(RelevanceKernels.like(inputs[0], relevance));
    }
    if (rearranges(op)) {
      return List.of(shares.sent(node, inputs[0], relevance));
    }
    throw new IllegalStateException("relevance cannot go through " + node.name());
  }

  private List<PtNDArray> arithmetic(
      Node node,
      ElementOp.Operation operation,
      PtNDArray[] inputs,
      Map<String, PtNDArray> outputs,
      PtNDArray relevance) {
    return switch (operation) {
      case SUBTRACT -> shares.difference(inputs, outputs.get(node.name()), relevance, SUM_EPSILON);
      case DIVIDE -> Arrays.asList(shares.fitted(relevance, inputs[0]), null);
      case MULTIPLY -> {
        if (isGate(node, 1)) {
          yield Arrays.asList(shares.fitted(relevance, inputs[0]), null);
        } else if (isGate(node, 0)) {
          yield Arrays.asList(null, shares.fitted(relevance, inputs[1]));
        }
        yield List.of(shares.half(relevance, inputs[0]), shares.half(relevance, inputs[1]));
      }
    };
  }

  /**
   * Whether an input only weighs the other: it is smaller, learned, or made by a function whose
   * values lie between 0 and 1 (Arras et al. 2017: the signal takes all).
   */
  private boolean isGate(Node node, int input) {
    String own = node.inputs().get(input);
    String other = node.inputs().get(1 - input);
    Op op = graph.node(own).op();
    boolean weighs =
        op instanceof TokenOp.Parameter
            || op instanceof ElementOp.Softmax
            || (op instanceof ElementOp.Activation activation
                && (activation.function() == ElementOp.Function.SIGMOID
                    || activation.function() == ElementOp.Function.HARDSIGMOID));
    return weighs || graph.shape(own).size() < graph.shape(other).size();
  }

  private static void check(ModelGraph graph, Set<String> needed) {
    List<String> problems = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Op op = node.op();
      boolean known =
          op instanceof Op.Input
              || RelevanceShares.hasRule(op)
              || op instanceof TokenOp
              || op instanceof ElementOp.Arithmetic
              || op instanceof Op.Add
              || op instanceof Op.Concat
              || op instanceof Op.Flatten
              || passes(op)
              || isMean(op)
              || rearranges(op);
      if (!known && needed.contains(node.name())) {
        problems.add(
            "relevance cannot be sent through the operator "
                + op.getClass().getSimpleName()
                + " (node '"
                + node.name()
                + "')");
      }
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }

  /** Element by element, one input: what comes out is what went in, bent or scaled. */
  private static boolean passes(Op op) {
    return op instanceof Op.Relu
        || op instanceof Op.BatchNorm2d
        || op instanceof NormOp
        || op instanceof ElementOp.Activation
        || op instanceof ElementOp.Clip
        || op instanceof ElementOp.Softmax
        || op instanceof ElementOp.PRelu
        || op instanceof ElementOp.Scale
        || op instanceof ElementOp.StochasticDepth;
  }

  /** Weighted sums of the input's values, weights not learned. */
  private static boolean isMean(Op op) {
    return op instanceof Op.AdaptiveAvgPool2d
        || op instanceof SpatialOp.AvgPool2d
        || op instanceof SpatialOp.Interpolate
        || op instanceof ShapeOp.Mean;
  }

  /** Every value of the output is one of the input's, or nobody's. */
  private static boolean rearranges(Op op) {
    return op instanceof Op.MaxPool2d
        || op instanceof SpatialOp.AdaptiveMaxPool2d
        || op instanceof SpatialOp.Pad2d
        || op instanceof Op.Dropout
        || op instanceof Op.Subsample2d
        || op instanceof Op.PadChannels
        || op instanceof Op.SelectChannels
        || (op instanceof ShapeOp && !(op instanceof ShapeOp.Mean));
  }

  private static PtNDArray[] inputs(Node node, Map<String, PtNDArray> outputs) {
    return node.inputs().stream().map(outputs::get).toArray(PtNDArray[]::new);
  }

  private static PtNDArray sum(PtNDArray a, PtNDArray b) {
    try (a;
        b) {
      return JniUtils.add(a, b);
    }
  }
}
