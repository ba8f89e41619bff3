package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.OnnxWriter.Attributes;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.Shape;
import java.util.Arrays;

/** Functions of elements, and arithmetic. */
final class ElementExport {
  private ElementExport() {}

  static String translate(Exported step, ElementOp op) {
    String x = step.in(0);
    if (op instanceof ElementOp.Activation activation) {
      return activation(step, activation, x);
    } else if (op instanceof ElementOp.Scale scale) {
      return scale(step, scale, x);
    } else if (op instanceof ElementOp.Clip clip) {
      return clip(step, clip.low(), clip.high(), x);
    } else if (op instanceof ElementOp.PRelu relu) {
      String slope = step.parameter("weight");
      if (relu.slopes() > 1) {
        slope = perChannel(step, "weight", step.shape());
      }
      return step.last("PRelu", x, slope);
    } else if (op instanceof ElementOp.Softmax softmax) {
      boolean logarithm = softmax.output() == ElementOp.Softmax.Output.LOGARITHM;
      return step.last(
          logarithm ? "LogSoftmax" : "Softmax",
          new Attributes().integer("axis", softmax.axis() + 1L),
          x);
    } else if (op instanceof ElementOp.Arithmetic arithmetic) {
      return step.last(
          switch (arithmetic.operation()) {
            case SUBTRACT -> "Sub";
            case MULTIPLY -> "Mul";
            case DIVIDE -> "Div";
          },
          operand(step, 0),
          operand(step, 1));
    }
    // Stochastic depth leaves samples out while training only.
    return x;
  }

  static String sum(Exported step) {
    String sum = operand(step, 0);
    int last = step.node().inputs().size() - 1;
    for (int i = 1; i < last; i++) {
      sum = step.between("Add", "sum", sum, operand(step, i));
    }
    return step.last("Add", sum, operand(step, last));
  }

  /** An operand with as many axes as the result, so that batches meet. */
  private static String operand(Exported step, int index) {
    Shape own = step.inputShape(index);
    Shape result = step.shape();
    if (own.rank() == result.rank()) {
      return step.in(index);
    }
    long[] sizes = new long[result.rank() + 1];
    Arrays.fill(sizes, 1);
    sizes[0] = 0;
    System.arraycopy(own.toLongs(), 0, sizes, sizes.length - own.rank(), own.rank());
    return step.between("Reshape", "aligned", step.in(index), step.list("aligned_shape", sizes));
  }

  /** A vector with one number for each channel, as it broadcasts over the channels' elements. */
  static String perChannel(Exported step, String suffix, Shape shape) {
    String vector = step.parameter(suffix);
    if (shape.rank() == 1) {
      return vector;
    }
    long[] sizes = new long[shape.rank()];
    Arrays.fill(sizes, 1);
    sizes[0] = -1;
    return step.between("Reshape", suffix, vector, step.list(suffix + "_shape", sizes));
  }

  private static String clip(Exported step, double low, double high, String x) {
    String bottom = Double.isInfinite(low) ? "" : step.number("min", low);
    return Double.isInfinite(high)
        ? step.last("Clip", x, bottom)
        : step.last("Clip", x, bottom, step.number("max", high));
  }

  private static String scale(Exported step, ElementOp.Scale scale, String x) {
    if (scale.shift() == 0) {
      return step.last("Mul", x, step.number("factor", scale.factor()));
    }
    String scaled =
        scale.factor() == 1
            ? x
            : step.between("Mul", "scaled", x, step.number("factor", scale.factor()));
    return step.last("Add", scaled, step.number("shift", scale.shift()));
  }

  private static String activation(Exported step, ElementOp.Activation op, String x) {
    return switch (op.function()) {
      case RELU6 -> clip(step, 0, 6, x);
      case LEAKY_RELU -> step.last("LeakyRelu", new Attributes().real("alpha", op.parameter()), x);
      case ELU -> step.last("Elu", new Attributes().real("alpha", op.parameter()), x);
      case GELU -> gelu(step, x);
      case GELU_TANH -> tanhGelu(step, x);
      case SILU -> step.last("Mul", x, step.between("Sigmoid", "sigmoid", x));
      case HARDSWISH -> step.last("HardSwish", x);
      case HARDSIGMOID ->
          step.last("HardSigmoid", new Attributes().real("alpha", 1 / 6.0).real("beta", 0.5), x);
      case SIGMOID -> step.last("Sigmoid", x);
      case TANH -> step.last("Tanh", x);
    };
  }

  private static String gelu(Exported step, String x) {
    String scaled = step.between("Div", "scaled", x, step.number("root", Math.sqrt(2)));
    String error = step.between("Erf", "erf", scaled);
    String bell = step.between("Add", "bell", error, step.number("one", 1));
    String product = step.between("Mul", "product", x, bell);
    return step.last("Mul", product, step.number("half", 0.5));
  }

  private static String tanhGelu(Exported step, String x) {
    String cube = step.between("Mul", "cube", x, step.between("Mul", "square", x, x));
    String term = step.between("Mul", "term", cube, step.number("cubic", 0.044715));
    String inner = step.between("Add", "inner", x, term);
    String scaled =
        step.between("Mul", "scaled", inner, step.number("root", Math.sqrt(2 / Math.PI)));
    String tangent = step.between("Tanh", "tanh", scaled);
    String bell = step.between("Add", "bell", tangent, step.number("one", 1));
    String product = step.between("Mul", "product", x, bell);
    return step.last("Mul", product, step.number("half", 0.5));
  }
}
