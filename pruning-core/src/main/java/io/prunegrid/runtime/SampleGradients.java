package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Squares of each image's own gradient of a layer's weights, summed over a batch, from what the
 * layer read and the gradient of what it wrote: a product of matrices an image, all images at once,
 * in place of a backward pass an image.
 */
final class SampleGradients {
  /** Values of gradients that are held at a time. */
  private static final long CHUNK = 1L << 24;

  private final SampleKernels kernels;
  private final ModelGraph graph;

  SampleGradients(SampleKernels kernels, ModelGraph graph) {
    this.kernels = kernels;
    this.graph = graph;
  }

  /**
   * The squares of one module's parameters.
   *
   * @param nodes every use of the module
   * @param sums called with each parameter's name and sum, which it does not keep
   */
  void squares(
      List<Node> nodes,
      TapHook hook,
      Map<String, PtNDArray> parameters,
      BiConsumer<String, PtNDArray> sums) {
    List<Use> uses = new ArrayList<>();
    for (Node node : nodes) {
      uses.add(new Use(node, hook.watchedInput(node.name()), hook.watchedGradient(node.name())));
    }
    Node first = nodes.get(0);
    if (first.op() instanceof Op.BatchNorm2d norm) {
      normalization(first, norm, uses, parameters, sums);
    } else {
      if (first.op() instanceof Op.Linear
          && uses.size() == 1
          && uses.get(0).input.getShape().dimension() == 2) {
        outer(first, uses.get(0), sums);
      } else {
        matrices(first, uses, sums);
      }
      if (graph.parameters().containsKey(first.parameterName("bias"))) {
        try (PtNDArray shift = total(uses, Use::gradientSum)) {
          give(first.parameterName("bias"), shift, sums);
        }
      }
    }
    uses.forEach(use -> use.gradient.close());
  }

  /** What one use of a module read, and the gradient of what it wrote. */
  private record Use(Node node, PtNDArray input, PtNDArray gradient) {
    /** {@code (n, channel)}. */
    PtNDArray gradientSum() {
      return sum(
          gradient, node.op() instanceof Op.Linear ? gradient.getShape().dimension() - 1 : 1);
    }
  }

  private interface Part {
    PtNDArray of(Use use);
  }

  private static PtNDArray total(List<Use> uses, Part part) {
    PtNDArray total = part.of(uses.get(0));
    for (Use use : uses.subList(1, uses.size())) {
      try (PtNDArray more = part.of(use)) {
        JniUtils.addi(total, more);
      }
    }
    return total;
  }

  private static PtNDArray sum(PtNDArray x, int axis) {
    long[] positions = Reductions.positions(x, axis - 1);
    return positions.length == 0 ? JniUtils.clone(x) : JniUtils.sum(x, positions, false);
  }

  /** Gives the sum over images of the squares of {@code (n, ...)}. */
  private static void give(String name, PtNDArray each, BiConsumer<String, PtNDArray> sums) {
    try (PtNDArray squares = JniUtils.square(each);
        PtNDArray sum = JniUtils.sum(squares, new long[] {0}, false)) {
      sums.accept(name, sum);
    }
  }

  private void normalization(
      Node node,
      Op.BatchNorm2d norm,
      List<Use> uses,
      Map<String, PtNDArray> parameters,
      BiConsumer<String, PtNDArray> sums) {
    PtNDManager step = uses.get(0).input.getManager();
    try (PtNDArray eps = Staging.scalar(step, norm.eps());
        PtNDArray variance = JniUtils.add(eps, parameters.get(node.parameterName("running_var")));
        PtNDArray deviation = JniUtils.sqrt(variance);
        PtNDArray shift = total(uses, Use::gradientSum);
        PtNDArray products = total(uses, SampleGradients::productSum);
        PtNDArray centre = JniUtils.mul(shift, parameters.get(node.parameterName("running_mean")));
        PtNDArray centred = JniUtils.sub(products, centre);
        PtNDArray scale = JniUtils.div(centred, deviation)) {
      give(node.parameterName("weight"), scale, sums);
      give(node.parameterName("bias"), shift, sums);
    }
  }

  private static PtNDArray productSum(Use use) {
    try (PtNDArray products = JniUtils.mul(use.input, use.gradient)) {
      return sum(products, 1);
    }
  }

  /** {@code sum_n (g_n x_n^T)^2 = (g^2)^T (x^2)}, since each gradient is an outer product. */
  private static void outer(Node node, Use use, BiConsumer<String, PtNDArray> sums) {
    try (PtNDArray g = JniUtils.square(use.gradient);
        PtNDArray x = JniUtils.square(use.input);
        PtNDArray transposed = JniUtils.transpose(g, 0, 1);
        PtNDArray sum = JniUtils.matmul(transposed, x)) {
      sums.accept(node.parameterName("weight"), sum);
    }
  }

  private void matrices(Node node, List<Use> uses, BiConsumer<String, PtNDArray> sums) {
    long n = uses.get(0).input.getShape().get(0);
    long size = graph.parameters().get(node.parameterName("weight")).shape().size();
    for (Use use : uses) {
      if (node.op() instanceof Op.Conv2d op) {
        size =
            Math.max(
                size,
                (long) op.in()
                    * op.kernel().height()
                    * op.kernel().width()
                    * graph.shape(use.node.name()).positions());
      }
    }
    long chunk = Math.max(1, Math.min(n, CHUNK / size));
    for (long from = 0; from < n; from += chunk) {
      long to = Math.min(n, from + chunk);
      long first = from;
      try (PtNDArray each = total(uses, use -> matrices(use, first, to))) {
        give(node.parameterName("weight"), each, sums);
      }
    }
  }

  /** Each image's gradient of the weight, {@code (images, out, in per group x kernel)}. */
  private PtNDArray matrices(Use use, long from, long to) {
    try (PtNDArray x = JniUtils.slice(use.input, 0, from, to, 1);
        PtNDArray g = JniUtils.slice(use.gradient, 0, from, to, 1)) {
      if (use.node.op() instanceof Op.Linear) {
        long[] read = x.getShape().getShape();
        long[] wrote = g.getShape().getShape();
        try (PtNDArray rows =
                JniUtils.reshape(x, new long[] {to - from, -1, read[read.length - 1]});
            PtNDArray written =
                JniUtils.reshape(g, new long[] {to - from, -1, wrote[wrote.length - 1]});
            PtNDArray columns = JniUtils.transpose(written, 1, 2)) {
          return JniUtils.bmm(columns, rows);
        }
      }
      Op.Conv2d op = (Op.Conv2d) use.node.op();
      long images = to - from;
      long positions = graph.shape(use.node.name()).positions();
      long groups = images * op.groups();
      long columns = (long) op.in() / op.groups() * op.kernel().height() * op.kernel().width();
      long rows = op.out() / op.groups();
      try (PtNDArray left = JniUtils.reshape(g, new long[] {groups, rows, positions});
          PtNDArray unfolded = kernels.unfold(x.getManager(), x, op);
          PtNDArray middle = JniUtils.reshape(unfolded, new long[] {groups, columns, positions});
          PtNDArray right = JniUtils.transpose(middle, 1, 2);
          PtNDArray product = JniUtils.bmm(left, right)) {
        return JniUtils.reshape(product, new long[] {images, op.out(), columns});
      }
    }
  }
}
