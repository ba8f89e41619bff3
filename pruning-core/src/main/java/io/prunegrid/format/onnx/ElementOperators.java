package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.Value.Activation;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ElementOp.Function;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Functions of elements, and arithmetic with broadcasting. */
final class ElementOperators {
  private static final double CLOSE = 1e-4;

  private ElementOperators() {}

  static void register(Map<String, Operators.Handler> handlers) {
    handlers.put("Relu", step -> step.give(step.apply(new Op.Relu(), step.activation(0))));
    handlers.put("Sigmoid", step -> function(step, Function.SIGMOID, 0));
    handlers.put("Tanh", step -> function(step, Function.TANH, 0));
    handlers.put("HardSwish", step -> function(step, Function.HARDSWISH, 0));
    handlers.put(
        "LeakyRelu",
        step ->
            function(
                step,
                Function.LEAKY_RELU,
                NormOperators.decimal(step.node().number("alpha", 0.01))));
    handlers.put(
        "Elu",
        step ->
            function(step, Function.ELU, NormOperators.decimal(step.node().number("alpha", 1))));
    handlers.put("HardSigmoid", ElementOperators::hardSigmoid);
    handlers.put("PRelu", ElementOperators::prelu);
    handlers.put("Clip", ElementOperators::clip);
    handlers.put("Softmax", step -> softmax(step, ElementOp.Softmax.Output.PROBABILITY));
    handlers.put("LogSoftmax", step -> softmax(step, ElementOp.Softmax.Output.LOGARITHM));
    handlers.put("Neg", step -> step.give(step.apply(scale(-1, 0), step.activation(0))));
    handlers.put("Identity", step -> step.give(step.activation(0)));
    handlers.put("Cast", ElementOperators::cast);
    handlers.put("Dropout", ElementOperators::dropout);
    handlers.put("Add", ElementOperators::add);
    handlers.put("Sum", ElementOperators::sum);
    handlers.put("Sub", step -> arithmetic(step, ElementOp.Operation.SUBTRACT));
    handlers.put("Mul", step -> arithmetic(step, ElementOp.Operation.MULTIPLY));
    handlers.put("Div", step -> arithmetic(step, ElementOp.Operation.DIVIDE));
    handlers.put("Pow", ElementOperators::power);
  }

  private static void function(Step step, Function function, double parameter) throws IOException {
    step.give(step.apply(new ElementOp.Activation(function, parameter), step.activation(0)));
  }

  private static void hardSigmoid(Step step) throws IOException {
    double alpha = NormOperators.decimal(step.node().number("alpha", 0.2));
    double beta = NormOperators.decimal(step.node().number("beta", 0.5));
    if (Math.abs(alpha - 1 / 6.0) < CLOSE && beta == 0.5) {
      function(step, Function.HARDSIGMOID, 0);
      return;
    }
    Activation scaled = step.apply(scale(alpha, beta), step.activation(0));
    step.give(step.apply(new ElementOp.Clip(0, 1), scaled));
  }

  private static void prelu(Step step) throws IOException {
    Activation x = step.plain(0);
    Constant slope = step.constant(1);
    int slopes = slope.size();
    boolean perChannel =
        slopes > 1
            && slope.rank() == x.shape().rank()
            && slope.dim(0) == slopes
            && x.shape().channels() == slopes;
    if (!slope.isFloat() || (slopes != 1 && !perChannel)) {
      throw new Unsupported("its slope should be one number, or one for each channel");
    }
    step.give(
        step.layer(
            new ElementOp.PRelu(slopes), x, 1, new int[] {1}, Map.of("weight", slope::floats)));
  }

  private static void clip(Step step) throws IOException {
    double low = bound(step, 1, "min", Double.NEGATIVE_INFINITY);
    double high = bound(step, 2, "max", Double.POSITIVE_INFINITY);
    Activation x = step.activation(0);
    if (low == 0 && high == 6) {
      step.give(step.apply(new ElementOp.Activation(Function.RELU6), x));
    } else if (low == 0 && high == Double.POSITIVE_INFINITY) {
      step.give(step.apply(new Op.Relu(), x));
    } else {
      step.give(step.apply(new ElementOp.Clip(low, high), x));
    }
  }

  private static double bound(Step step, int index, String attribute, double otherwise)
      throws IOException {
    if (step.has(index)) {
      return NormOperators.decimal(step.constant(index).single());
    }
    double value = step.node().number(attribute, otherwise);
    return Math.abs(value) >= Float.MAX_VALUE ? otherwise : NormOperators.decimal(value);
  }

  /** Before opset 13 all axes from the named one on count together. */
  private static void softmax(Step step, ElementOp.Softmax.Output output) throws IOException {
    boolean old = step.translation().opset() < 13;
    Activation x = step.activation(0);
    int axis = x.axis(step.node().integer("axis", old ? 1 : -1));
    Shape shape = x.shape();
    boolean alone =
        !old || shape.dims().subList(axis + 1, shape.rank()).stream().allMatch(dim -> dim == 1);
    if (alone) {
      step.give(step.apply(new ElementOp.Softmax(axis, output), x));
      return;
    }
    Shape together = NormOperators.trailing(x, axis);
    List<Integer> dims = new ArrayList<>(shape.dims().subList(0, axis));
    dims.add(Math.toIntExact(together.size()));
    Activation flat = step.apply(reshape(new Shape(dims)), x);
    Activation result = step.apply(new ElementOp.Softmax(axis, output), flat);
    step.give(step.apply(reshape(shape), result));
  }

  private static Op reshape(Shape shape) {
    return new io.prunegrid.graph.ShapeOp.Reshape(shape);
  }

  private static void cast(Step step) throws IOException {
    long type = step.node().integer("to", 0);
    if (type != 1 && type != 11) {
      throw new Unsupported("it casts activations to another type than float32");
    }
    step.give(step.activation(0));
  }

  private static void dropout(Step step) throws IOException {
    boolean training = step.has(2) && step.in(2) instanceof Constant flag && flag.plain(0) != 0;
    if (training) {
      throw new Unsupported("it is in training mode; export the network in evaluation mode");
    }
    double ratio = step.has(1) ? step.constant(1).single() : step.node().number("ratio", 0.5);
    step.give(step.apply(new Op.Dropout(NormOperators.decimal(ratio)), step.activation(0)));
  }

  static ElementOp scale(double factor, double shift) {
    return new ElementOp.Scale(factor, shift);
  }

  private static void add(Step step) throws IOException {
    step.give(sum(step, step.in(0), step.node().input(0), step.in(1), step.node().input(1)));
  }

  private static void sum(Step step) throws IOException {
    Value total = step.in(0);
    for (int i = 1; i < step.node().inputs().size(); i++) {
      total = sum(step, total, step.node().input(0), step.in(i), step.node().input(i));
    }
    step.give(total);
  }

  private static Value sum(Step step, Value a, String nameOfA, Value b, String nameOfB)
      throws IOException {
    if (a instanceof Activation x && b instanceof Constant c) {
      return c.size() == 1
          ? step.apply(scale(1, NormOperators.decimal(c.single())), x)
          : binary(step, new Op.Add(), x, operand(step, x, c, nameOfB, Role.EMBEDDING));
    }
    if (a instanceof Constant && b instanceof Activation) {
      return sum(step, b, nameOfB, a, nameOfA);
    }
    return binary(step, new Op.Add(), (Activation) a, (Activation) b);
  }

  private static void arithmetic(Step step, ElementOp.Operation operation) throws IOException {
    Value a = step.in(0);
    Value b = step.in(1);
    Op op = new ElementOp.Arithmetic(operation);
    Role role = operation == ElementOp.Operation.SUBTRACT ? Role.EMBEDDING : Role.LAYER_SCALE;
    if (a instanceof Activation x && b instanceof Constant c) {
      step.give(
          c.size() == 1
              ? step.apply(scaled(operation, NormOperators.decimal(c.single())), x)
              : binary(step, op, x, operand(step, x, c, step.node().input(1), role)));
    } else if (a instanceof Constant c && b instanceof Activation x) {
      double value = c.size() == 1 ? NormOperators.decimal(c.single()) : 0;
      if (c.size() == 1 && operation == ElementOp.Operation.MULTIPLY) {
        step.give(step.apply(scale(value, 0), x));
      } else if (c.size() == 1 && operation == ElementOp.Operation.SUBTRACT) {
        step.give(step.apply(scale(-1, value), x));
      } else {
        step.give(binary(step, op, operand(step, x, c, step.node().input(0), role), x));
      }
    } else {
      Activation x = (Activation) a;
      Activation y = (Activation) b;
      step.give(
          operation == ElementOp.Operation.MULTIPLY
              ? multiplied(step, x, y)
              : binary(step, op, x, y));
    }
  }

  private static Op scaled(ElementOp.Operation operation, double value) {
    return switch (operation) {
      case SUBTRACT -> scale(1, -value);
      case MULTIPLY -> scale(value, 0);
      case DIVIDE -> {
        if (value == 0) {
          throw new Unsupported("it divides by zero");
        }
        yield scale(1 / value, 0);
      }
    };
  }

  /** A value times its own sigmoid is one function. */
  private static Activation multiplied(Step step, Activation x, Activation y) {
    for (List<Activation> pair : List.of(List.of(x, y), List.of(y, x))) {
      Node gate = step.parts().node(pair.get(1).node());
      if (gate.op() instanceof ElementOp.Activation function
          && gate.inputs().get(0).equals(pair.get(0).node())) {
        if (function.function() == Function.SIGMOID) {
          return step.apply(new ElementOp.Activation(Function.SILU), pair.get(0));
        } else if (function.function() == Function.HARDSIGMOID) {
          return step.apply(new ElementOp.Activation(Function.HARDSWISH), pair.get(0));
        }
      }
    }
    return binary(step, new ElementOp.Arithmetic(ElementOp.Operation.MULTIPLY), x, y);
  }

  /** A small power is a product. */
  private static void power(Step step) throws IOException {
    double exponent = step.constant(1).single();
    Activation x = step.activation(0);
    if (exponent != 2 && exponent != 3) {
      throw new Unsupported("powers of " + exponent + " are not supported");
    }
    Op product = new ElementOp.Arithmetic(ElementOp.Operation.MULTIPLY);
    Activation result = binary(step, product, x, x);
    step.give(exponent == 2 ? result : binary(step, product, result, x));
  }

  private static Activation binary(Step step, Op op, Activation a, Activation b) {
    boolean correspond =
        a.fileRank() - a.batchAxis() == b.fileRank() - b.batchAxis()
            && a.right() == b.right()
            && a.left() == b.left();
    boolean parameter = a.at() < 0 || b.at() < 0;
    if (!correspond && !parameter) {
      throw new Unsupported("it combines values whose batches lie along different axes");
    }
    Activation like = b.at() > a.at() ? b : a;
    String name = step.parts().add(Title.of(step.node().label()), op, List.of(a.node(), b.node()));
    Shape shape = step.parts().shape(name);
    int more = shape.rank() - like.shape().rank();
    return new Activation(name, shape, like.at() + more, like.left(), like.right());
  }

  /**
   * A constant as an operand beside a value: aligned with its last axes, the batch left out.
   *
   * @return with a place of the batch of -1, which fits every value
   */
  private static Activation operand(
      Step step, Activation x, Constant constant, String name, Role role) throws IOException {
    if (!constant.isFloat()) {
      throw new Unsupported("it combines activations with whole numbers");
    }
    if (constant.rank() > x.fileRank()) {
      throw new Unsupported("its constant has more dimensions than the other input");
    }
    List<Integer> dims = new ArrayList<>();
    for (int i = constant.rank() - 1; i >= 0; i--) {
      int axis = i + x.fileRank() - constant.rank();
      if (axis != x.batchAxis()) {
        dims.add(constant.dim(i));
        continue;
      }
      if (constant.dim(i) != 1) {
        throw new Unsupported("its constant differs from sample to sample");
      }
      for (int merged = 0; merged < x.left() + x.right(); merged++) {
        dims.add(1);
      }
    }
    while (dims.size() > 1 && dims.get(dims.size() - 1) == 1) {
      dims.remove(dims.size() - 1);
    }
    Collections.reverse(dims);
    Shape shape = new Shape(dims);
    return new Activation(step.parameter(name, constant, shape, role), shape, -1, 0, 0);
  }
}
