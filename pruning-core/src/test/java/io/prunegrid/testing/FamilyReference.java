package io.prunegrid.testing;

import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.TokenOp;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The families of operators for {@link ReferenceInterpreter}: plain loops in double precision. */
final class FamilyReference {
  private final ModelGraph graph;
  private final Node node;
  private final List<double[]> inputs;
  private final Function<String, Tensor> parameters;
  private final boolean[] survivors;
  private final Shape in;
  private final Shape out;

  /**
   * @param survivors which elements of the output count in statistics; null: all
   */
  FamilyReference(
      ModelGraph graph,
      Node node,
      List<double[]> inputs,
      Function<String, Tensor> parameters,
      boolean[] survivors) {
    this.survivors = survivors;
    this.graph = graph;
    this.node = node;
    this.inputs = inputs;
    this.parameters = parameters;
    this.in = inputs.isEmpty() ? null : graph.inputShape(node, 0);
    this.out = graph.shape(node.name());
  }

  double[] compute() {
    Op op = node.op();
    if (op instanceof ElementOp element) {
      return element(element);
    }
    if (op instanceof NormOp.LayerNorm norm) {
      Tensor weight = norm.affine() ? parameters.apply("weight") : null;
      Tensor bias = norm.affine() ? parameters.apply("bias") : null;
      int size = Math.toIntExact(norm.normalized().size());
      double[] y = normalized(inputs.get(0), size, norm.eps());
      Arrays.setAll(y, i -> weight == null ? y[i] : y[i] * weight.at(i % size) + bias.at(i % size));
      return y;
    }
    if (op instanceof NormOp.GroupNorm norm) {
      Tensor weight = parameters.apply("weight");
      Tensor bias = parameters.apply("bias");
      double[] y =
          normalized(inputs.get(0), Math.toIntExact(in.size()) / norm.groups(), norm.eps());
      int positions = in.positions();
      Arrays.setAll(y, i -> y[i] * weight.at(i / positions) + bias.at(i / positions));
      return y;
    }
    if (op instanceof SpatialOp spatial) {
      return spatial(spatial);
    }
    if (op instanceof ShapeOp shape) {
      return rearranged(shape);
    }
    if (op instanceof TokenOp.MultiHeadAttention attention) {
      return attention(attention);
    }
    if (op instanceof TokenOp.MatMul) {
      return product(inputs.get(0), in, inputs.get(1), graph.inputShape(node, 1));
    }
    Tensor values = parameters.apply("");
    return IntStream.range(0, values.size()).mapToDouble(values::at).toArray();
  }

  /** Element-by-element combination with repetition along axes of size 1. */
  static double[] combined(
      double[] a, Shape left, double[] b, Shape right, Shape out, Pair operation) {
    double[] y = new double[Math.toIntExact(out.size())];
    for (int i = 0; i < y.length; i++) {
      y[i] = operation.apply(a[repeated(i, out, left)], b[repeated(i, out, right)]);
    }
    return y;
  }

  @FunctionalInterface
  interface Pair {
    double apply(double a, double b);
  }

  private static int repeated(int index, Shape out, Shape operand) {
    int position = 0;
    int stride = 1;
    int rest = index;
    for (int axis = out.rank() - 1; axis >= 0; axis--) {
      int at = rest % out.dim(axis);
      rest /= out.dim(axis);
      int own = axis - out.rank() + operand.rank();
      if (own >= 0) {
        position += operand.dim(own) == 1 ? 0 : at * stride;
        stride *= operand.dim(own);
      }
    }
    return position;
  }

  private double[] element(ElementOp op) {
    double[] x = inputs.get(0);
    if (op instanceof ElementOp.StochasticDepth) {
      return x;
    }
    if (op instanceof ElementOp.Arithmetic arithmetic) {
      Pair pair =
          switch (arithmetic.operation()) {
            case SUBTRACT -> (a, b) -> a - b;
            case MULTIPLY -> (a, b) -> a * b;
            case DIVIDE -> (a, b) -> a / b;
          };
      return combined(x, in, inputs.get(1), graph.inputShape(node, 1), out, pair);
    }
    if (op instanceof ElementOp.Softmax softmax) {
      return softmax(x, softmax);
    }
    if (op instanceof ElementOp.PRelu relu) {
      Tensor slopes = parameters.apply("weight");
      double[] y = x.clone();
      Arrays.setAll(
          y, i -> x[i] > 0 ? x[i] : x[i] * slopes.at(relu.slopes() == 1 ? 0 : i / in.positions()));
      return y;
    }
    DoubleUnaryOperator function;
    if (op instanceof ElementOp.Scale scale) {
      function = v -> scale.factor() * v + scale.shift();
    } else if (op instanceof ElementOp.Clip clip) {
      function = v -> Math.min(Math.max(v, clip.low()), clip.high());
    } else {
      function = activation((ElementOp.Activation) op);
    }
    return Arrays.stream(x).map(function).toArray();
  }

  private static DoubleUnaryOperator activation(ElementOp.Activation op) {
    DoubleUnaryOperator sigmoid = v -> 1 / (1 + Math.exp(-v));
    DoubleUnaryOperator hard = v -> Math.min(Math.max(v + 3, 0), 6) / 6;
    double p = op.parameter();
    return switch (op.function()) {
      case RELU6 -> v -> Math.min(Math.max(v, 0), 6);
      case LEAKY_RELU -> v -> v > 0 ? v : p * v;
      case ELU -> v -> v > 0 ? v : p * (Math.exp(v) - 1);
      case GELU -> v -> v * normal(v);
      case GELU_TANH ->
          v -> 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
      case SILU -> v -> v * sigmoid.applyAsDouble(v);
      case HARDSWISH -> v -> v * hard.applyAsDouble(v);
      case HARDSIGMOID -> hard;
      case SIGMOID -> sigmoid;
      case TANH -> Math::tanh;
    };
  }

  /** The normal distribution function by its series, good to many digits for small arguments. */
  private static double normal(double x) {
    if (Math.abs(x) > 8) {
      return x > 0 ? 1 : 0;
    }
    double term = x;
    double sum = x;
    for (int i = 1; i < 200; i++) {
      term *= x * x / (2 * i + 1);
      sum += term;
    }
    return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  private double[] softmax(double[] x, ElementOp.Softmax op) {
    int inner = 1;
    for (int axis = op.axis() + 1; axis < in.rank(); axis++) {
      inner *= in.dim(axis);
    }
    int size = in.dim(op.axis());
    double[] y = new double[x.length];
    for (int start = 0; start < x.length; start++) {
      if (start / inner % size != 0) {
        continue;
      }
      double largest = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < size; k++) {
        largest = Math.max(largest, x[start + k * inner]);
      }
      double sum = 0;
      for (int k = 0; k < size; k++) {
        sum += Math.exp(x[start + k * inner] - largest);
      }
      for (int k = 0; k < size; k++) {
        double logarithm = x[start + k * inner] - largest - Math.log(sum);
        y[start + k * inner] =
            op.output() == ElementOp.Softmax.Output.LOGARITHM ? logarithm : Math.exp(logarithm);
      }
    }
    return y;
  }

  private double[] normalized(double[] x, int size, double eps) {
    double[] y = new double[x.length];
    for (int start = 0; start < x.length; start += size) {
      int[] counted =
          IntStream.range(start, start + size)
              .filter(i -> survivors == null || survivors[i])
              .toArray();
      if (counted.length == 0) {
        // nobody reads a group that is gone as a whole
        continue;
      }
      double mean = Arrays.stream(counted).mapToDouble(i -> x[i]).average().orElseThrow();
      double variance =
          Arrays.stream(counted)
              .mapToDouble(i -> (x[i] - mean) * (x[i] - mean))
              .average()
              .orElseThrow();
      for (int i = start; i < start + size; i++) {
        y[i] = (x[i] - mean) / Math.sqrt(variance + eps);
      }
    }
    return y;
  }

  private double[] spatial(SpatialOp op) {
    double[] x = inputs.get(0);
    if (op instanceof SpatialOp.ConvTranspose2d conv) {
      return transposed(conv, x);
    }
    double[] y = new double[Math.toIntExact(out.size())];
    for (int i = 0; i < y.length; i++) {
      int c = i / out.positions();
      int row = i % out.positions() / out.dim(2);
      int column = i % out.dim(2);
      y[i] = pixel(op, x, c, row, column);
    }
    return y;
  }

  private double at(double[] x, int c, int row, int column) {
    return x[(c * in.dim(1) + row) * in.dim(2) + column];
  }

  private double pixel(SpatialOp op, double[] x, int c, int row, int column) {
    int height = in.dim(1);
    int width = in.dim(2);
    if (op instanceof SpatialOp.Pad2d pad) {
      int r = row - pad.top();
      int q = column - pad.left();
      return r < 0 || r >= height || q < 0 || q >= width ? pad.value() : at(x, c, r, q);
    }
    if (op instanceof SpatialOp.AdaptiveMaxPool2d) {
      double best = Double.NEGATIVE_INFINITY;
      for (int r = row * height / out.dim(1); r * out.dim(1) < (row + 1) * height; r++) {
        for (int q = column * width / out.dim(2); q * out.dim(2) < (column + 1) * width; q++) {
          best = Math.max(best, at(x, c, r, q));
        }
      }
      return best;
    }
    if (op instanceof SpatialOp.AvgPool2d pool) {
      int top = row * pool.stride().height() - pool.padding().height();
      int left = column * pool.stride().width() - pool.padding().width();
      int bottom = Math.min(top + pool.kernel().height(), height + pool.padding().height());
      int right = Math.min(left + pool.kernel().width(), width + pool.padding().width());
      double sum = 0;
      int inside = 0;
      for (int r = Math.max(top, 0); r < Math.min(bottom, height); r++) {
        for (int q = Math.max(left, 0); q < Math.min(right, width); q++) {
          sum += at(x, c, r, q);
          inside++;
        }
      }
      return sum / (pool.countsPadding() ? (bottom - top) * (right - left) : inside);
    }
    SpatialOp.Interpolate resize = (SpatialOp.Interpolate) op;
    if (resize.mode() == SpatialOp.Interpolate.Mode.NEAREST) {
      return at(x, c, row * height / out.dim(1), column * width / out.dim(2));
    }
    double r = source(row, height, out.dim(1), resize.alignsCorners());
    double q = source(column, width, out.dim(2), resize.alignsCorners());
    int r0 = (int) r;
    int q0 = (int) q;
    int r1 = Math.min(r0 + 1, height - 1);
    int q1 = Math.min(q0 + 1, width - 1);
    return (1 - (r - r0)) * ((1 - (q - q0)) * at(x, c, r0, q0) + (q - q0) * at(x, c, r0, q1))
        + (r - r0) * ((1 - (q - q0)) * at(x, c, r1, q0) + (q - q0) * at(x, c, r1, q1));
  }

  private static double source(int to, int before, int after, boolean corners) {
    if (corners) {
      return after == 1 ? 0 : (double) to * (before - 1) / (after - 1);
    }
    return Math.max((to + 0.5) * before / after - 0.5, 0);
  }

  private double[] transposed(SpatialOp.ConvTranspose2d conv, double[] x) {
    Tensor weight = parameters.apply("weight");
    double[] y = new double[Math.toIntExact(out.size())];
    if (conv.bias()) {
      Tensor bias = parameters.apply("bias");
      Arrays.setAll(y, i -> bias.at(i / out.positions()));
    }
    int perGroup = conv.out() / conv.groups();
    for (int i = 0; i < conv.in(); i++) {
      int firstOut = i / (conv.in() / conv.groups()) * perGroup;
      for (int o = 0; o < perGroup; o++) {
        for (int kr = 0; kr < conv.kernel().height(); kr++) {
          for (int kc = 0; kc < conv.kernel().width(); kc++) {
            double w =
                weight.at(
                    ((i * perGroup + o) * conv.kernel().height() + kr) * conv.kernel().width()
                        + kc);
            for (int r = 0; r < in.dim(1); r++) {
              for (int q = 0; q < in.dim(2); q++) {
                int row =
                    r * conv.stride().height()
                        - conv.padding().height()
                        + kr * conv.dilation().height();
                int column =
                    q * conv.stride().width()
                        - conv.padding().width()
                        + kc * conv.dilation().width();
                if (row >= 0 && row < out.dim(1) && column >= 0 && column < out.dim(2)) {
                  y[((firstOut + o) * out.dim(1) + row) * out.dim(2) + column] +=
                      w * at(x, i, r, q);
                }
              }
            }
          }
        }
      }
    }
    return y;
  }

  private double[] rearranged(ShapeOp op) {
    double[] x = inputs.get(0);
    double[] y = new double[Math.toIntExact(out.size())];
    if (op instanceof ShapeOp.Reshape) {
      return x;
    }
    if (op instanceof ShapeOp.Mean mean) {
      for (int i = 0; i < x.length; i++) {
        int[] index = index(i, in);
        int to = 0;
        for (int axis = 0; axis < in.rank(); axis++) {
          if (!mean.axes().contains(axis)) {
            to = to * in.dim(axis) + index[axis];
          }
        }
        y[to] += x[i] * y.length / x.length;
      }
      return y;
    }
    for (int i = 0; i < y.length; i++) {
      int[] index = index(i, out);
      int[] from = index.clone();
      if (op instanceof ShapeOp.Transpose transpose) {
        for (int axis = 0; axis < from.length; axis++) {
          from[transpose.order().get(axis)] = index[axis];
        }
      } else if (op instanceof ShapeOp.Slice slice) {
        from[slice.axis()] = slice.start() + index[slice.axis()] * slice.step();
      } else if (op instanceof ShapeOp.ChannelShuffle shuffle) {
        from[0] = shuffle.sources(in.channels())[index[0]];
      }
      int position = 0;
      for (int axis = 0; axis < from.length; axis++) {
        position = position * in.dim(axis) + from[axis];
      }
      y[i] = x[position];
    }
    return y;
  }

  private static int[] index(int position, Shape shape) {
    int[] index = new int[shape.rank()];
    int rest = position;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      index[axis] = rest % shape.dim(axis);
      rest /= shape.dim(axis);
    }
    return index;
  }

  private static double[] product(double[] a, Shape left, double[] b, Shape right) {
    int m = left.dim(left.rank() - 2);
    int k = left.dim(left.rank() - 1);
    int n = right.dim(right.rank() - 1);
    int batch = a.length / (m * k);
    double[] y = new double[batch * m * n];
    for (int s = 0; s < batch; s++) {
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          for (int t = 0; t < k; t++) {
            y[(s * m + i) * n + j] += a[(s * m + i) * k + t] * b[(s * k + t) * n + j];
          }
        }
      }
    }
    return y;
  }

  private double[] attention(TokenOp.MultiHeadAttention op) {
    int width = op.width();
    int length = in.dim(0);
    double[][] projected = new double[3][];
    for (int part = 0; part < 3; part++) {
      projected[part] =
          linear(inputs.get(part), length, width, "in_proj_weight", "in_proj_bias", part * width);
    }
    int size = width / op.heads();
    double[] joined = new double[length * width];
    for (int head = 0; head < op.heads(); head++) {
      double scale = Math.sqrt(surviving(head * size, size));
      for (int i = 0; i < length; i++) {
        double[] weights = new double[length];
        double sum = 0;
        for (int j = 0; j < length; j++) {
          double dot = 0;
          for (int c = head * size; c < (head + 1) * size; c++) {
            dot += projected[0][i * width + c] * projected[1][j * width + c];
          }
          weights[j] = Math.exp(dot / scale);
          sum += weights[j];
        }
        for (int j = 0; j < length; j++) {
          for (int c = head * size; c < (head + 1) * size; c++) {
            joined[i * width + c] += weights[j] / sum * projected[2][j * width + c];
          }
        }
      }
    }
    return linear(joined, length, width, "out_proj.weight", "out_proj.bias", 0);
  }

  /** How many of a head's channels stay, all of a head that goes, whose scale does not matter. */
  private int surviving(int first, int size) {
    int count = 0;
    for (int c = first; c < first + size; c++) {
      count += survivors == null || survivors[c] ? 1 : 0;
    }
    return count == 0 ? size : count;
  }

  private double[] linear(
      double[] x, int length, int width, String weight, String bias, int firstRow) {
    Tensor factors = parameters.apply(weight);
    Tensor shifts = ((TokenOp.MultiHeadAttention) node.op()).bias() ? parameters.apply(bias) : null;
    double[] y = new double[length * width];
    for (int i = 0; i < length; i++) {
      for (int o = 0; o < width; o++) {
        double sum = shifts == null ? 0 : shifts.at(firstRow + o);
        for (int c = 0; c < width; c++) {
          sum += factors.at((firstRow + o) * width + c) * x[i * width + c];
        }
        y[i * width + o] = sum;
      }
    }
    return y;
  }
}
