package io.prunegrid.testing;

import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.Model;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A second implementation of every operator: plain loops in double precision, one image at a time,
 * in evaluation mode.
 */
public final class ReferenceInterpreter {
  private final Model model;
  private final Map<String, boolean[]> survivors;

  public ReferenceInterpreter(Model model) {
    this(model, Map.of());
  }

  /**
   * As the network behaves without some channels that are still there: statistics over channels and
   * the scale of attention count only those that survive.
   *
   * @param survivors by node that normalizes or attends, whether each element of its output counts
   */
  public ReferenceInterpreter(Model model, Map<String, boolean[]> survivors) {
    this.model = model;
    this.survivors = survivors;
  }

  /** The network's only output for one image {@code (channel, height, width)}. */
  public double[] output(double[] image) {
    return outputs(image).get(model.graph().output());
  }

  /** The network's outputs for one image, in their order. */
  public List<double[]> results(double[] image) {
    Map<String, double[]> values = outputs(image);
    return model.graph().outputs().stream().map(values::get).toList();
  }

  /** Every node's output for one image. */
  public Map<String, double[]> outputs(double[] image) {
    Map<String, double[]> values = new HashMap<>();
    for (Node node : model.graph().nodes()) {
      List<double[]> inputs = node.inputs().stream().map(values::get).toList();
      values.put(node.name(), node.op() instanceof Op.Input ? image : compute(node, inputs));
    }
    return values;
  }

  private double[] compute(Node node, List<double[]> inputs) {
    ModelGraph graph = model.graph();
    Op op = node.op();
    if (op instanceof ElementOp
        || op instanceof NormOp
        || op instanceof SpatialOp
        || op instanceof ShapeOp
        || op instanceof TokenOp) {
      return new FamilyReference(
              graph, node, inputs, suffix -> parameter(node, suffix), survivors.get(node.name()))
          .compute();
    }
    double[] x = inputs.get(0);
    Shape in = graph.inputShape(node, 0);
    Shape out = graph.shape(node.name());
    if (op instanceof Op.Conv2d conv) {
      return convolution(node, conv, x, in, out);
    }
    if (op instanceof Op.Linear linear) {
      double[] y = new double[Math.toIntExact(out.size())];
      Tensor weight = parameter(node, "weight");
      for (int k = 0; k < y.length; k++) {
        int o = k % linear.out();
        int first = k / linear.out() * linear.in();
        y[k] = linear.bias() ? parameter(node, "bias").at(o) : 0;
        for (int i = 0; i < linear.in(); i++) {
          y[k] += weight.at(o * linear.in() + i) * x[first + i];
        }
      }
      return y;
    }
    if (op instanceof Op.BatchNorm2d norm) {
      double[] y = new double[x.length];
      for (int i = 0; i < y.length; i++) {
        int c = i / in.positions();
        double scale =
            parameter(node, "weight").at(c)
                / Math.sqrt(parameter(node, "running_var").at(c) + norm.eps());
        y[i] =
            (x[i] - parameter(node, "running_mean").at(c)) * scale + parameter(node, "bias").at(c);
      }
      return y;
    }
    if (op instanceof Op.Relu) {
      return Arrays.stream(x).map(v -> Math.max(v, 0)).toArray();
    }
    if (op instanceof Op.Dropout || op instanceof Op.Flatten) {
      return x;
    }
    if (op instanceof Op.MaxPool2d pool) {
      return maximum(pool, x, in, out);
    }
    if (op instanceof Op.AdaptiveAvgPool2d) {
      return mean(x, in, out);
    }
    if (op instanceof Op.Add) {
      double[] sum = new double[Math.toIntExact(out.size())];
      for (int i = 0; i < inputs.size(); i++) {
        Shape shape = graph.inputShape(node, i);
        sum = FamilyReference.combined(sum, out, inputs.get(i), shape, out, Double::sum);
      }
      return sum;
    }
    if (op instanceof Op.Concat concat) {
      return beside(node, inputs, concat.axis());
    }
    double[] y = new double[Math.toIntExact(out.size())];
    if (op instanceof Op.Subsample2d subsample) {
      for (int i = 0; i < y.length; i++) {
        int c = i / out.positions();
        int row = i % out.positions() / out.dim(2) * subsample.stride();
        int column = i % out.dim(2) * subsample.stride();
        y[i] = x[(c * in.dim(1) + row) * in.dim(2) + column];
      }
      return y;
    }
    if (op instanceof Op.PadChannels pad) {
      System.arraycopy(x, 0, y, pad.before() * in.positions(), x.length);
      return y;
    }
    if (op instanceof Op.SelectChannels select) {
      int size = in.positions();
      for (int c = 0; c < out.channels(); c++) {
        System.arraycopy(x, select.channels().get(c) * size, y, c * size, size);
      }
      return y;
    }
    throw new IllegalArgumentException("no reference for " + op);
  }

  private double[] beside(Node node, List<double[]> inputs, int axis) {
    ModelGraph graph = model.graph();
    Shape out = graph.shape(node.name());
    int outer = 1;
    for (int i = 0; i < axis; i++) {
      outer *= out.dim(i);
    }
    double[] y = new double[Math.toIntExact(out.size())];
    int to = 0;
    for (int o = 0; o < outer; o++) {
      for (double[] input : inputs) {
        int length = input.length / outer;
        System.arraycopy(input, o * length, y, to, length);
        to += length;
      }
    }
    return y;
  }

  private double[] convolution(Node node, Op.Conv2d conv, double[] x, Shape in, Shape out) {
    double[] y = biased(node, conv.bias(), out);
    Tensor weight = parameter(node, "weight");
    int perGroup = conv.in() / conv.groups();
    int height = out.dim(1);
    int width = out.dim(2);
    int w = 0;
    for (int o = 0; o < conv.out(); o++) {
      int firstIn = o / (conv.out() / conv.groups()) * perGroup;
      for (int i = firstIn; i < firstIn + perGroup; i++) {
        for (int kr = 0; kr < conv.kernel().height(); kr++) {
          for (int kc = 0; kc < conv.kernel().width(); kc++) {
            double value = weight.at(w++);
            for (int r = 0; r < height; r++) {
              int row =
                  r * conv.stride().height()
                      - conv.padding().height()
                      + kr * conv.dilation().height();
              if (row < 0 || row >= in.dim(1)) {
                continue;
              }
              int from = (i * in.dim(1) + row) * in.dim(2);
              int to = (o * height + r) * width;
              for (int c = 0; c < width; c++) {
                int column =
                    c * conv.stride().width()
                        - conv.padding().width()
                        + kc * conv.dilation().width();
                if (column >= 0 && column < in.dim(2)) {
                  y[to + c] += value * x[from + column];
                }
              }
            }
          }
        }
      }
    }
    return y;
  }

  private static double[] maximum(Op.MaxPool2d pool, double[] x, Shape in, Shape out) {
    double[] y = new double[Math.toIntExact(out.size())];
    for (int i = 0; i < y.length; i++) {
      int c = i / out.positions();
      int top = i % out.positions() / out.dim(2) * pool.stride().height() - pool.padding().height();
      int left = i % out.dim(2) * pool.stride().width() - pool.padding().width();
      double best = Double.NEGATIVE_INFINITY;
      for (int r = Math.max(top, 0); r < Math.min(top + pool.kernel().height(), in.dim(1)); r++) {
        for (int q = Math.max(left, 0);
            q < Math.min(left + pool.kernel().width(), in.dim(2));
            q++) {
          best = Math.max(best, x[(c * in.dim(1) + r) * in.dim(2) + q]);
        }
      }
      y[i] = best;
    }
    return y;
  }

  private static double[] mean(double[] x, Shape in, Shape out) {
    double[] y = new double[Math.toIntExact(out.size())];
    for (int i = 0; i < y.length; i++) {
      int c = i / out.positions();
      int r = i % out.positions() / out.dim(2);
      int q = i % out.dim(2);
      int top = r * in.dim(1) / out.dim(1);
      int bottom = ((r + 1) * in.dim(1) + out.dim(1) - 1) / out.dim(1);
      int left = q * in.dim(2) / out.dim(2);
      int right = ((q + 1) * in.dim(2) + out.dim(2) - 1) / out.dim(2);
      for (int row = top; row < bottom; row++) {
        for (int column = left; column < right; column++) {
          y[i] += x[(c * in.dim(1) + row) * in.dim(2) + column];
        }
      }
      y[i] /= (double) (bottom - top) * (right - left);
    }
    return y;
  }

  private double[] biased(Node node, boolean bias, Shape out) {
    double[] y = new double[Math.toIntExact(out.size())];
    if (bias) {
      Tensor values = parameter(node, "bias");
      Arrays.setAll(y, i -> values.at(i / out.positions()));
    }
    return y;
  }

  private Tensor parameter(Node node, String suffix) {
    return model.weights().get(node.parameterName(suffix));
  }
}
