package io.prunegrid.zoo;

import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ElementOp.Function;
import io.prunegrid.graph.ElementOp.Operation;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.TokenOp;
import java.util.List;
import java.util.function.UnaryOperator;

/** Blocks that several families share; every method returns the name of the node it ends with. */
final class Blocks {
  final GraphBuilder graph;
  private final double eps;
  private final double momentum;

  /** Batch normalization as torch's default has it. */
  Blocks(GraphBuilder graph) {
    this(graph, 1e-5, 0.1);
  }

  /**
   * @param eps of batch normalization
   * @param momentum of batch normalization
   */
  Blocks(GraphBuilder graph, double eps, double momentum) {
    this.graph = graph;
    this.eps = eps;
    this.momentum = momentum;
  }

  int channels(String x) {
    return graph.shape(x).channels();
  }

  /** A convolution that keeps the sides where its stride is 1, for odd kernels. */
  String conv(String name, String x, int out, int kernel, int stride, int groups, Bias bias) {
    return conv(
        name, x, out, Size2d.square(kernel), stride, Size2d.square(kernel / 2), 1, groups, bias);
  }

  String conv(
      String name,
      String x,
      int out,
      Size2d kernel,
      int stride,
      Size2d padding,
      int dilation,
      int groups,
      Bias bias) {
    return graph.add(
        name,
        new Op.Conv2d(
            channels(x),
            out,
            kernel,
            Size2d.square(stride),
            padding,
            Size2d.square(dilation),
            groups,
            bias == Bias.YES),
        x);
  }

  String norm(String name, String x) {
    return graph.add(name, new Op.BatchNorm2d(channels(x), eps, momentum), x);
  }

  /**
   * Torchvision's {@code Conv2dNormActivation}: {@code name.0} without bias, {@code name.1}, a
   * function.
   */
  String convNorm(
      String name,
      String x,
      int out,
      int kernel,
      int stride,
      int groups,
      UnaryOperator<String> activation) {
    return activation.apply(
        norm(name + ".1", conv(name + ".0", x, out, kernel, stride, groups, Bias.NO)));
  }

  /** Rectifies a node and names the result after it. */
  String relu(String x) {
    return graph.relu(x + ".relu", x);
  }

  String apply(Function function, String x) {
    String name = x + "." + function.name().toLowerCase(java.util.Locale.ROOT);
    return graph.add(name, new ElementOp.Activation(function), x);
  }

  /**
   * Squeeze and excite (Hu, Shen, Sun, CVPR 2018): channels scaled by a small network on their
   * means, {@code name.fc1} and {@code name.fc2} of 1x1.
   */
  String excite(String name, String x, int squeezed, UnaryOperator<String> inner, Function gate) {
    String y = graph.adaptiveAvgPool(name + ".avgpool", x, 1);
    y = inner.apply(conv(name + ".fc1", y, squeezed, 1, 1, 1, Bias.YES));
    y = apply(gate, conv(name + ".fc2", y, channels(x), 1, 1, 1, Bias.YES));
    return graph.add(name + ".scale", new ElementOp.Arithmetic(Operation.MULTIPLY), y, x);
  }

  String maxPool(String name, String x, int kernel, int stride, int padding, boolean ceil) {
    return graph.add(
        name,
        new Op.MaxPool2d(
            Size2d.square(kernel), Size2d.square(stride), Size2d.square(padding), ceil),
        x);
  }

  String add(String name, String x, String y) {
    return graph.add(name, new Op.Add(), x, y);
  }

  String concat(String name, List<String> inputs) {
    return graph.add(name, new Op.Concat(), inputs.toArray(String[]::new));
  }

  String dropout(String name, String x, double p) {
    return graph.add(name, new Op.Dropout(p), x);
  }

  String stochasticDepth(String name, String x, double p) {
    return p == 0 ? x : graph.add(name, new ElementOp.StochasticDepth(p), x);
  }

  /** Mean of every channel as a vector, where the published code calls a function for it. */
  String pooledByFunction(String x) {
    return graph.flatten("flatten", graph.adaptiveAvgPool("F.adaptive_avg_pool2d", x, 1));
  }

  /** Mean of every channel as a vector, by a module of the published code. */
  String pooled(String x) {
    return graph.flatten("flatten", graph.adaptiveAvgPool("avgpool", x, 1));
  }

  String layerNorm(String name, String x, double layerEps) {
    Shape shape = graph.shape(x);
    Shape last = Shape.of(shape.dim(shape.rank() - 1));
    return graph.add(name, new NormOp.LayerNorm(last, layerEps, true), x);
  }

  /** Layer normalization over the channels of each pixel; torchvision's module calls a function. */
  String layerNorm2d(String name, String x, double layerEps) {
    String last = channelsLast(name + ".last", x);
    Op norm = new NormOp.LayerNorm(Shape.of(channels(x)), layerEps, true);
    Node node = new Node(name + ".F.layer_norm", norm, List.of(last), name);
    return channelsFirst(name + ".first", graph.add(node));
  }

  String channelsLast(String name, String x) {
    return graph.add(name, new ShapeOp.Transpose(List.of(1, 2, 0)), x);
  }

  String channelsFirst(String name, String x) {
    return graph.add(name, new ShapeOp.Transpose(List.of(2, 0, 1)), x);
  }

  /** A linear layer over the last dimension. */
  String linear(String name, String x, int out) {
    Shape shape = graph.shape(x);
    return graph.add(name, new Op.Linear(shape.dim(shape.rank() - 1), out, true), x);
  }

  String parameter(String name, Shape shape, Shape stored, Role role) {
    return graph.add(name, new TokenOp.Parameter(shape, stored, role));
  }

  /** The nearest multiple, never less than nine tenths of the value. */
  static int divisible(double value, int divisor) {
    int rounded = Math.max(divisor, (int) (value + divisor / 2.0) / divisor * divisor);
    return rounded < 0.9 * value ? rounded + divisor : rounded;
  }
}
