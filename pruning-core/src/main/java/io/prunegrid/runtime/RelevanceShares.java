package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.TokenOp;
import io.prunegrid.runtime.RelevanceRules.AlphaBeta;
import io.prunegrid.runtime.RelevanceRules.Box;
import io.prunegrid.runtime.RelevanceRules.Epsilon;
import io.prunegrid.runtime.RelevanceRules.Rule;
import io.prunegrid.runtime.RelevanceRules.ZPlus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * How much of a node's relevance each of its inputs gets. A share is {@code x (dz/dx)^T (R / z)},
 * the product with the transposed operator being a backward pass through this node alone.
 */
final class RelevanceShares {
  private final PtNDManager manager;
  private final Map<String, PtNDArray> parameters;
  private final Map<String, PtNDArray> positive = new HashMap<>();
  private final Map<String, PtNDArray> negative = new HashMap<>();
  private final Set<String> notNegative = new HashSet<>();

  RelevanceShares(PtNDManager manager, ModelGraph graph, Map<String, PtNDArray> parameters) {
    this.manager = manager;
    this.parameters = parameters;
    for (Node node : graph.nodes()) {
      Op op = node.op();
      boolean keepsSign =
          op instanceof Op.MaxPool2d
              || op instanceof Op.AdaptiveAvgPool2d
              || op instanceof Op.Dropout
              || op instanceof Op.Add
              || op instanceof Op.Concat
              || op instanceof Op.Flatten
              || op instanceof Op.Subsample2d
              || op instanceof Op.PadChannels
              || op instanceof Op.SelectChannels;
      if (op instanceof Op.Relu || (keepsSign && notNegative.containsAll(node.inputs()))) {
        notNegative.add(node.name());
      }
    }
  }

  /** Whether one of the rules says how the relevance of the operator's output is shared. */
  static boolean hasRule(Op op) {
    return op instanceof Op.Conv2d
        || op instanceof Op.Linear
        || op instanceof SpatialOp.ConvTranspose2d;
  }

  /** The values that attention mixes, without biases; its weights are taken as they are. */
  PtNDArray attended(
      Node node, TokenOp.MultiHeadAttention op, PtNDArray[] inputs, PtNDArray relevance) {
    try (PtNDArray zero = Staging.scalar(relevance.getManager(), 0);
        PtNDArray nothing = JniUtils.mul(inputs[2], zero);
        PtNDArray biases = attended(node, op, inputs, nothing, null)) {
      return epsilon(inputs[2], relevance, 1e-6, leaf -> attended(node, op, inputs, leaf, biases));
    }
  }

  private PtNDArray attended(
      Node node,
      TokenOp.MultiHeadAttention op,
      PtNDArray[] inputs,
      PtNDArray values,
      PtNDArray biases) {
    PtNDArray mixed =
        FamilyKernels.attention(
            node, op, new PtNDArray[] {inputs[0], inputs[1], values}, parameters);
    if (biases == null) {
      return mixed;
    }
    try (mixed) {
      return JniUtils.sub(mixed, biases);
    }
  }

  /** One factor of a matrix product, the other taken as it is. */
  PtNDArray product(
      PtNDArray[] inputs, int factor, PtNDArray relevance, double share, double epsilon) {
    try (PtNDArray scale = Staging.scalar(relevance.getManager(), share);
        PtNDArray own = JniUtils.mul(relevance, scale)) {
      return epsilon(
          inputs[factor],
          own,
          epsilon,
          leaf ->
              factor == 0 ? JniUtils.matmul(leaf, inputs[1]) : JniUtils.matmul(inputs[0], leaf));
    }
  }

  /** Both terms of a difference. */
  List<PtNDArray> difference(
      PtNDArray[] inputs, PtNDArray difference, PtNDArray relevance, double epsilon) {
    try (PtNDArray minus = Staging.scalar(relevance.getManager(), -1);
        PtNDArray second = JniUtils.mul(inputs[1], minus)) {
      return terms(new PtNDArray[] {inputs[0], second}, difference, relevance, epsilon);
    }
  }

  /** Half of the relevance, of an input's shape. */
  PtNDArray half(PtNDArray relevance, PtNDArray input) {
    try (PtNDArray scale = Staging.scalar(relevance.getManager(), 0.5);
        PtNDArray own = JniUtils.mul(relevance, scale)) {
      return fitted(own, input);
    }
  }

  /** Relevance of an input's shape: added up where the input's values counted several times. */
  PtNDArray fitted(PtNDArray relevance, PtNDArray input) {
    long[] own = input.getShape().getShape();
    long[] whole = relevance.getShape().getShape();
    int ahead = whole.length - own.length;
    long[] repeated =
        LongStream.range(0, whole.length)
            .filter(d -> d < ahead || own[(int) d - ahead] != whole[(int) d])
            .toArray();
    if (repeated.length == 0) {
      return RelevanceKernels.copy(relevance);
    }
    try (PtNDArray sum = JniUtils.sum(relevance, repeated, true)) {
      return JniUtils.reshape(sum, own);
    }
  }

  /** A convolution's or linear layer's input. */
  PtNDArray layer(Node node, PtNDArray x, PtNDArray relevance, Rule rule) {
    boolean positiveOnly = notNegative.contains(node.inputs().get(0));
    if (rule instanceof ZPlus plus) {
      return signed(node, x, relevance, positiveOnly, new Shares(1, 0, plus.stabilizer()));
    } else if (rule instanceof AlphaBeta both) {
      double beta = both.alpha() - 1;
      return signed(node, x, relevance, positiveOnly, new Shares(both.alpha(), beta, 1e-12));
    } else if (rule instanceof Epsilon epsilon) {
      return epsilon(
          x, relevance, epsilon.epsilon(), leaf -> apply(node, leaf, weight(node), bias(node)));
    } else if (rule instanceof Box box) {
      return box(node, x, relevance, box);
    }
    throw new IllegalStateException("no rule " + rule);
  }

  private record Shares(double alpha, double beta, double stabilizer) {}

  /** The mean over windows; a mean of zero is shared evenly. */
  PtNDArray mean(Node node, PtNDArray x, PtNDArray relevance, double epsilon) {
    PtNDArray[] lost = new PtNDArray[1];
    PtNDArray found =
        RelevanceKernels.transposed(
            x,
            leaf -> computed(node, leaf),
            z -> {
              lost[0] = RelevanceKernels.whereZero(relevance, z);
              return RelevanceKernels.dividedBySigned(relevance, z, epsilon);
            });
    try (found;
        PtNDArray left = lost[0]) {
      PtNDArray sent = JniUtils.mul(x, found);
      return RelevanceKernels.isNothing(left)
          ? sent
          : RelevanceKernels.added(
              sent, RelevanceKernels.even(x, left, leaf -> computed(node, leaf)));
    }
  }

  /**
   * Adds what found no taker, because an output owes itself to its bias: in proportion to the sizes
   * of what was added, or evenly where all of it is zero.
   */
  private PtNDArray withLost(Node node, PtNDArray x, PtNDArray sent, PtNDArray lost) {
    if (RelevanceKernels.isNothing(lost)) {
      return sent;
    }
    PtNDArray[] still = new PtNDArray[1];
    try (PtNDArray sizes = JniUtils.abs(x);
        PtNDArray weights = JniUtils.abs(weight(node));
        PtNDArray found =
            RelevanceKernels.transposed(
                sizes,
                leaf -> apply(node, leaf, weights, null),
                z -> {
                  still[0] = RelevanceKernels.whereZero(lost, z);
                  return RelevanceKernels.divided(lost, z, 1e-12);
                });
        PtNDArray left = still[0]) {
      PtNDArray all = RelevanceKernels.added(sent, JniUtils.mul(sizes, found));
      if (RelevanceKernels.isNothing(left)) {
        return all;
      }
      try (PtNDArray ones =
          RelevanceKernels.filled(x.getManager(), 1, weights.getShape().getShape())) {
        return RelevanceKernels.added(
            all, RelevanceKernels.even(x, left, leaf -> apply(node, leaf, ones, null)));
      }
    }
  }

  /** The terms of a sum. */
  List<PtNDArray> terms(PtNDArray[] inputs, PtNDArray sum, PtNDArray relevance, double epsilon) {
    List<PtNDArray> parts = new ArrayList<>();
    try (PtNDArray share = RelevanceKernels.dividedBySigned(relevance, sum, epsilon);
        PtNDArray lost = RelevanceKernels.whereZero(relevance, sum);
        PtNDArray count = Staging.scalar(sum.getManager(), 1.0 / inputs.length);
        PtNDArray even = JniUtils.mul(lost, count)) {
      for (PtNDArray input : inputs) {
        try (PtNDArray own = JniUtils.mul(input, share);
            PtNDArray part = JniUtils.add(own, even)) {
          parts.add(fitted(part, input));
        }
      }
    }
    return parts;
  }

  /** Every value of the output is one of the input's, which gets its relevance back. */
  PtNDArray sent(Node node, PtNDArray x, PtNDArray relevance) {
    return RelevanceKernels.transposed(
        x, leaf -> computed(node, leaf), z -> RelevanceKernels.copy(relevance));
  }

  private PtNDArray computed(Node node, PtNDArray x) {
    return GraphRunner.apply(
        node, new PtNDArray[] {x}, parameters, GraphRunner.Mode.EVALUATION, GraphRunner.Hook.NONE);
  }

  private PtNDArray epsilon(
      PtNDArray x, PtNDArray relevance, double epsilon, UnaryOperator<PtNDArray> function) {
    try (PtNDArray sent =
        RelevanceKernels.transposed(
            x, function, z -> RelevanceKernels.dividedBySigned(relevance, z, epsilon))) {
      return JniUtils.mul(x, sent);
    }
  }

  private PtNDArray signed(
      Node node, PtNDArray x, PtNDArray relevance, boolean positiveOnly, Shares shares) {
    PtNDArray plus = positiveOnly ? RelevanceKernels.copy(x) : JniUtils.relu(x);
    PtNDArray minus = positiveOnly ? null : JniUtils.sub(x, plus);
    try (plus) {
      PtNDArray up = positive(node);
      PtNDArray down = negative(node);
      if (shares.beta() == 0) {
        PtNDArray[] lost = new PtNDArray[1];
        PtNDArray sent =
            RelevanceKernels.pair(
                plus,
                minus,
                a -> apply(node, a, up, null),
                b -> apply(node, b, down, null),
                z -> {
                  lost[0] = RelevanceKernels.whereZero(relevance, z);
                  return RelevanceKernels.divided(relevance, z, shares.stabilizer());
                });
        try (PtNDArray left = lost[0]) {
          return withLost(node, x, sent, left);
        }
      }
      PtNDArray gains = sum(node, plus, up, minus, down);
      PtNDArray losses = sum(node, plus, down, minus, up);
      try (gains;
          losses) {
        PtNDArray positivePart =
            RelevanceKernels.pair(
                plus,
                minus,
                a -> apply(node, a, up, null),
                b -> apply(node, b, down, null),
                z ->
                    RelevanceKernels.share(
                        relevance, z, losses, shares.alpha(), shares.stabilizer()));
        PtNDArray negativePart =
            RelevanceKernels.pair(
                plus,
                minus,
                a -> apply(node, a, down, null),
                b -> apply(node, b, up, null),
                z ->
                    RelevanceKernels.share(
                        relevance, z, gains, -shares.beta(), shares.stabilizer()));
        try (PtNDArray neither = RelevanceKernels.whereZero(relevance, gains);
            PtNDArray lost = RelevanceKernels.whereZero(neither, losses)) {
          return withLost(node, x, RelevanceKernels.added(positivePart, negativePart), lost);
        }
      }
    } finally {
      if (minus != null) {
        minus.close();
      }
    }
  }

  private PtNDArray sum(Node node, PtNDArray a, PtNDArray wa, PtNDArray b, PtNDArray wb) {
    PtNDArray first = apply(node, a, wa, null);
    if (b == null) {
      return first;
    }
    try (first;
        PtNDArray second = apply(node, b, wb, null)) {
      return JniUtils.add(first, second);
    }
  }

  private PtNDArray box(Node node, PtNDArray x, PtNDArray relevance, Box box) {
    PtNDManager step = x.getManager();
    long[] shape = x.getShape().getShape();
    PtNDArray leaf = RelevanceKernels.leaf(x);
    PtNDArray low = RelevanceKernels.leaf(RelevanceKernels.filled(step, (float) box.low(), shape));
    PtNDArray high =
        RelevanceKernels.leaf(RelevanceKernels.filled(step, (float) box.high(), shape));
    PtNDArray z;
    JniUtils.setGradMode(true);
    try {
      PtNDArray own = apply(node, leaf, weight(node), null);
      PtNDArray below = apply(node, low, positive(node), null);
      PtNDArray above = apply(node, high, negative(node), null);
      z = JniUtils.sub(JniUtils.sub(own, below), above);
      JniUtils.setGradMode(false);
      JniUtils.backward(z, RelevanceKernels.dividedBySigned(relevance, z, 1e-6), false, false);
    } finally {
      JniUtils.setGradMode(false);
    }
    PtNDArray total = JniUtils.mul(x, JniUtils.getGradient(leaf));
    // the two bounds enter the sum with a minus sign, which their gradients carry
    JniUtils.addi(total, JniUtils.mul(low, JniUtils.getGradient(low)));
    JniUtils.addi(total, JniUtils.mul(high, JniUtils.getGradient(high)));
    return JniUtils.detachGradient(total);
  }

  private static PtNDArray apply(Node node, PtNDArray x, PtNDArray weight, PtNDArray bias) {
    if (node.op() instanceof Op.Conv2d convolution) {
      return Kernels.convolution(x, weight, bias, convolution);
    } else if (node.op() instanceof SpatialOp transposed) {
      Map<String, PtNDArray> own = new HashMap<>();
      own.put(node.parameterName("weight"), weight);
      own.put(node.parameterName("bias"), bias);
      return FamilyKernels.apply(node, transposed, x, own);
    }
    return JniUtils.linear(x, weight, bias);
  }

  private PtNDArray weight(Node node) {
    return parameters.get(node.parameterName("weight"));
  }

  private PtNDArray bias(Node node) {
    return parameters.get(node.parameterName("bias"));
  }

  private PtNDArray positive(Node node) {
    return positive.computeIfAbsent(node.module(), module -> owned(JniUtils.relu(weight(node))));
  }

  private PtNDArray negative(Node node) {
    return negative.computeIfAbsent(
        node.module(), module -> owned(JniUtils.sub(weight(node), positive(node))));
  }

  private PtNDArray owned(PtNDArray array) {
    array.attach(manager);
    return array;
  }
}
