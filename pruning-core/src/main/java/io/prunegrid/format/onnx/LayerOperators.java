package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.Value.Activation;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.TokenOp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Convolutions and linear layers. */
final class LayerOperators {
  private LayerOperators() {}

  static void register(Map<String, Operators.Handler> handlers) {
    handlers.put("Conv", LayerOperators::convolution);
    handlers.put("ConvTranspose", LayerOperators::transposedConvolution);
    handlers.put("Gemm", LayerOperators::gemm);
    handlers.put("MatMul", LayerOperators::product);
  }

  private static void convolution(Step step) throws IOException {
    Activation x = step.map(0);
    Constant weight = kernel(step);
    Window window = Window.of(step.node(), x.shape(), weight.dim(2), weight.dim(3));
    int groups = groups(step);
    Op op =
        new Op.Conv2d(
            Math.multiplyExact(weight.dim(1), groups),
            weight.dim(0),
            window.kernel(),
            window.stride(),
            window.symmetricPadding(),
            window.dilation(),
            groups,
            step.has(2));
    Activation padded = window.padApart(step, x, 0);
    step.give(step.layer(op, padded, 1, new int[] {1, 2}, tensors(step, weight, weight.dim(0))));
  }

  private static void transposedConvolution(Step step) throws IOException {
    Activation x = step.map(0);
    Constant weight = kernel(step);
    OnnxNode node = step.node();
    if (node.has("output_shape")) {
      throw new Unsupported("its attribute output_shape is not supported");
    }
    Window window = Window.transposed(node, x.shape(), weight.dim(2), weight.dim(3));
    int groups = groups(step);
    long[] more = node.integers("output_padding");
    if (more != null && more.length != 2) {
      throw new Unsupported("its attribute output_padding should have two numbers");
    }
    // Less padding at the end than at the beginning is what torch calls output padding.
    int bottom = (more == null ? 0 : Window.small(more[0])) + window.top() - window.bottom();
    int right = (more == null ? 0 : Window.small(more[1])) + window.left() - window.right();
    if (bottom < 0 || right < 0) {
      throw new Unsupported("more padding at the end than at the beginning is not supported");
    }
    int out = Math.multiplyExact(weight.dim(1), groups);
    Op op =
        new SpatialOp.ConvTranspose2d(
            weight.dim(0),
            out,
            window.kernel(),
            window.stride(),
            new Size2d(window.top(), window.left()),
            new Size2d(bottom, right),
            window.dilation(),
            groups,
            step.has(2));
    step.give(step.layer(op, x, 1, new int[] {1, 2}, tensors(step, weight, out)));
  }

  private static Constant kernel(Step step) throws IOException {
    Constant weight = step.constant(1);
    if (!weight.isFloat() || weight.rank() != 4 || weight.size() == 0) {
      throw new Unsupported(
          "its weight should be floats of four dimensions, found "
              + Arrays.toString(weight.dims()));
    }
    return weight;
  }

  private static int groups(Step step) {
    long groups = step.node().integer("group", 1);
    if (groups < 1 || groups > Integer.MAX_VALUE) {
      throw new Unsupported("it has " + groups + " groups");
    }
    return (int) groups;
  }

  private static Map<String, GraphParts.Source> tensors(Step step, Constant weight, int out)
      throws IOException {
    Map<String, GraphParts.Source> tensors = new LinkedHashMap<>();
    tensors.put("weight", weight::floats);
    if (step.has(2)) {
      tensors.put("bias", step.floats(2, out)::floats);
    }
    return tensors;
  }

  private static void gemm(Step step) throws IOException {
    OnnxNode node = step.node();
    Activation x = step.activation(0);
    if (x.fileRank() != 2 || node.integer("transA", 0) != 0 || x.batchAxis() != 0) {
      throw new Unsupported("its first input should be a matrix with one row a sample");
    }
    Constant weight = matrix(step);
    boolean turned = node.integer("transB", 0) != 0;
    int in = weight.dim(turned ? 1 : 0);
    int out = weight.dim(turned ? 0 : 1);
    double alpha = node.number("alpha", 1);
    double beta = node.number("beta", 1);
    boolean bias = step.has(2) && beta != 0;
    if (bias && !(step.in(2) instanceof Constant)) {
      throw new Unsupported("its third input is not a constant");
    }
    Map<String, GraphParts.Source> tensors = new LinkedHashMap<>();
    tensors.put("weight", () -> scaled(matrix(weight, turned), alpha));
    if (bias) {
      Constant shift = step.constant(2);
      requireVector(shift, out);
      tensors.put("bias", () -> scaled(spread(shift, out), beta));
    }
    step.give(step.layer(new Op.Linear(in, out, bias), x, 1, new int[] {1, 2}, tensors));
  }

  /** A bias of one number for each output, or of one for all. */
  private static void requireVector(Constant shift, int out) {
    int size = shift.size();
    boolean row = shift.rank() == 0 || shift.dim(shift.rank() - 1) == size;
    if (!shift.isFloat() || !row || (size != out && size != 1)) {
      throw new Unsupported(
          "its bias should be " + out + " floats, found " + Arrays.toString(shift.dims()));
    }
  }

  private static float[] spread(Constant shift, int out) throws IOException {
    if (shift.size() == out) {
      return shift.floats();
    }
    float[] bias = new float[out];
    Arrays.fill(bias, shift.floats()[0]);
    return bias;
  }

  private static Constant matrix(Step step) throws IOException {
    Constant weight = step.constant(1);
    if (!weight.isFloat() || weight.rank() != 2 || weight.size() == 0) {
      throw new Unsupported(
          "its weight should be a matrix of floats, found " + Arrays.toString(weight.dims()));
    }
    return weight;
  }

  /** The weight as torch has it, {@code (out, in)}. */
  private static float[] matrix(Constant weight, boolean turned) throws IOException {
    float[] values = weight.floats();
    if (turned) {
      return values;
    }
    int in = weight.dim(0);
    int out = weight.dim(1);
    float[] rows = new float[values.length];
    for (int i = 0; i < in; i++) {
      for (int o = 0; o < out; o++) {
        rows[o * in + i] = values[i * out + o];
      }
    }
    return rows;
  }

  private static float[] scaled(float[] values, double factor) {
    if (factor == 1) {
      return values;
    }
    float[] scaled = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      scaled[i] = (float) (values[i] * factor);
    }
    return scaled;
  }

  private static void product(Step step) throws IOException {
    if (step.in(0) instanceof Activation a && step.in(1) instanceof Activation b) {
      step.give(product(step, a, b));
      return;
    }
    step.give(linear(step, step.activation(0), step.node(), null, null));
  }

  /**
   * A product with a constant matrix, and with a vector added where one is.
   *
   * @param product the node that multiplies; it names the layer where its matrix does not
   * @param bias name of the vector, or null
   */
  static Activation linear(Step step, Activation x, OnnxNode product, String bias, Constant shift)
      throws IOException {
    String weight = product.input(1);
    Value value = step.translation().value(weight);
    if (!(value instanceof Constant matrix) || !matrix.isFloat() || matrix.rank() != 2) {
      throw new Unsupported("it multiplies by a constant that is no matrix of floats");
    }
    if (x.batchAxis() == x.fileRank() - 1) {
      throw new Unsupported("it works along the batch");
    }
    int out = matrix.dim(1);
    Map<String, GraphParts.Source> tensors = new LinkedHashMap<>();
    tensors.put("weight", () -> matrix(matrix, false));
    List<String> identity = new ArrayList<>(List.of(weight));
    if (bias != null) {
      tensors.put("bias", () -> spread(shift, out));
      identity.add(bias);
    }
    return step.layer(
        new Op.Linear(matrix.dim(0), out, bias != null), x, weight, product, identity, tensors);
  }

  private static Activation product(Step step, Activation a, Activation b) {
    int rank = a.fileRank();
    if (rank != b.fileRank()
        || a.at() != b.at()
        || a.left() != b.left()
        || a.right() != b.right()
        || a.batchAxis() >= rank - 2) {
      throw new Unsupported("it multiplies activations whose axes do not correspond");
    }
    Activation left = a;
    if (a.shape().rank() == b.shape().rank()) {
      String name =
          step.parts()
              .add(
                  Title.of(step.node().label()),
                  new TokenOp.MatMul(),
                  List.of(left.node(), b.node()));
      Shape shape = step.parts().shape(name);
      return left.like(name, shape);
    }
    throw new Unsupported("it multiplies " + a.shape() + " by " + b.shape());
  }

  /** A constant times the value plus a constant. */
  static Activation scale(Step step, Activation x, double factor, double shift) {
    return step.apply(new ElementOp.Scale(factor, shift), x);
  }
}
