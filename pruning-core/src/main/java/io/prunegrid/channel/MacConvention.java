package io.prunegrid.channel;

import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ElementOp.Function;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.SpatialOp.Interpolate.Mode;
import io.prunegrid.graph.TokenOp;
import io.prunegrid.graph.TokenOp.MultiHeadAttention;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What people count as the multiply-accumulates of a network in evaluation, for one sample. Papers
 * disagree; figures compare only within one convention.
 */
public enum MacConvention {
  /**
   * Convolutions, linear layers and the projections of attention, one for each multiplication with
   * its addition; nothing else, biases neither. This is what rows and summaries call MACs.
   */
  PLAIN {
    @Override
    public long of(ModelGraph graph, Node node) {
      return products(graph, node);
    }
  },
  /**
   * As fvcore's {@code FlopCountAnalysis} counts: plain MACs and those of all products inside of
   * attention; 2 for each element of batch normalization; 5 of layer and group normalization, 4
   * where they neither scale nor shift; 1 for each input element of adaptive average pooling; 1 for
   * each output element of nearest, 4 of bilinear interpolation.
   */
  FVCORE {
    @Override
    public long of(ModelGraph graph, Node node) {
      long output = graph.shape(node.name()).size();
      Op op = node.op();
      if (op instanceof Op.BatchNorm2d) {
        return 2 * output;
      }
      if (op instanceof NormOp.LayerNorm norm) {
        return (norm.affine() ? 5 : 4) * output;
      }
      if (op instanceof NormOp.GroupNorm) {
        return 5 * output;
      }
      if (op instanceof Op.AdaptiveAvgPool2d) {
        return graph.inputShape(node, 0).size();
      }
      if (op instanceof SpatialOp.Interpolate interpolate) {
        return (interpolate.mode() == Mode.BILINEAR ? 4 : 1) * output;
      }
      if (op instanceof MultiHeadAttention attention) {
        return products(graph, node) + attended(graph, node, attention);
      }
      if (op instanceof TokenOp.MatMul) {
        Shape left = graph.inputShape(node, 0);
        return output * left.dim(left.rank() - 1);
      }
      return products(graph, node);
    }
  },
  /**
   * As Torch-Pruning's {@code count_ops_and_params} counts modules: plain MACs with biases, a
   * linear layer's once; 2 for each element of a normalization, 1 where it neither scales nor
   * shifts; each output element of relu, relu6, leaky relu, prelu, elu and gelu; each input element
   * of pooling; attention with its scaling, softmax and biases. What a network computes by
   * functions instead of modules counts nothing: nodes whose last name begins with {@code F.},
   * sums, products, means. Transposed convolutions count as convolutions of their output's size.
   */
  TORCH_PRUNING {
    @Override
    public long of(ModelGraph graph, Node node) {
      if (isFunction(node)) {
        return 0;
      }
      long output = graph.shape(node.name()).size();
      Op op = node.op();
      if (op instanceof Op.Conv2d conv) {
        return products(graph, node) + (conv.bias() ? output : 0);
      }
      if (op instanceof SpatialOp.ConvTranspose2d conv) {
        long kernel = (long) conv.kernel().height() * conv.kernel().width();
        return output * (kernel * (conv.in() / conv.groups()) + (conv.bias() ? 1 : 0));
      }
      if (op instanceof Op.Linear linear) {
        return products(graph, node) + (linear.bias() ? linear.out() : 0);
      }
      if (op instanceof Op.BatchNorm2d) {
        return 2 * output;
      }
      if (op instanceof NormOp norm) {
        return (norm instanceof NormOp.LayerNorm layer && !layer.affine() ? 1 : 2) * output;
      }
      if (isCountedActivation(op)) {
        return output;
      }
      if (isPooling(op)) {
        return graph.inputShape(node, 0).size();
      }
      return op instanceof MultiHeadAttention attention
          ? attention(graph.inputShape(node, 0).dim(0), attention)
              + products(graph, node)
              + attended(graph, node, attention)
          : 0;
    }

    private static long attention(long length, MultiHeadAttention op) {
      long scaling = length * op.width();
      long biases = op.bias() ? 3 * length * op.width() : 0;
      long softmax = op.heads() * length * length;
      return scaling + biases + softmax + length * op.width();
    }
  };

  private static final Set<Function> COUNTED_FUNCTIONS =
      EnumSet.of(
          Function.RELU6, Function.LEAKY_RELU, Function.ELU, Function.GELU, Function.GELU_TANH);

  /** The multiply-accumulates of one node. */
  public abstract long of(ModelGraph graph, Node node);

  /** The multiply-accumulates of a network. */
  public long total(ModelGraph graph) {
    return graph.nodes().stream().mapToLong(node -> of(graph, node)).sum();
  }

  /** Those of every module that has any, in topological order, all its uses together. */
  public Map<String, Long> byModule(ModelGraph graph) {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      long count = of(graph, node);
      if (count > 0) {
        counts.merge(node.module(), count, Long::sum);
      }
    }
    return counts;
  }

  private static long products(ModelGraph graph, Node node) {
    return node.op().parameters().stream()
        .mapToLong(spec -> spec.shape().size() * Counts.uses(graph, node, spec))
        .sum();
  }

  /** Queries by keys, and weights by values. */
  private static long attended(ModelGraph graph, Node node, MultiHeadAttention attention) {
    long length = graph.inputShape(node, 0).dim(0);
    return 2 * length * length * attention.width();
  }

  private static boolean isFunction(Node node) {
    return node.name().startsWith("F.") || node.name().contains(".F.");
  }

  private static boolean isCountedActivation(Op op) {
    return op instanceof Op.Relu
        || op instanceof ElementOp.PRelu
        || (op instanceof ElementOp.Activation activation
            && COUNTED_FUNCTIONS.contains(activation.function()));
  }

  private static boolean isPooling(Op op) {
    return op instanceof Op.MaxPool2d
        || op instanceof Op.AdaptiveAvgPool2d
        || op instanceof SpatialOp.AvgPool2d
        || op instanceof SpatialOp.AdaptiveMaxPool2d;
  }
}
