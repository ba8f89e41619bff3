package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.Value.Activation;
import io.prunegrid.format.onnx.Value.Refused;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ElementOp.Function;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts together again what PyTorch takes apart because the opset has no word for it: GELU, layer
 * normalization, group normalization, and a linear layer whose bias is a node of its own. Each is
 * recognized at its last node; what its other nodes gave is then read by nobody.
 */
final class Patterns {
  private static final double CLOSE = 1e-4;
  private static final int MOST_FACTORS = 8;

  private final Translation translation;
  private final Map<String, Normalized> normalized = new HashMap<>();
  private final Map<String, Scaled> scaled = new HashMap<>();

  Patterns(Translation translation) {
    this.translation = translation;
  }

  /** A normalization found so far, without scale and shift. */
  private record Normalized(Activation x, Op op, Shape parameters) {}

  private record Scaled(Normalized normalized, String weight, Constant values) {}

  /** Whether the node ends a pattern, which then has given its results. */
  boolean translate(Step step) throws IOException {
    return switch (step.node().operator()) {
      case "Mul" -> gelu(step) || scaling(step);
      case "Add" -> shifting(step) || linear(step);
      case "Div" -> layerNorm(step);
      case "InstanceNormalization" -> groups(step);
      case "Reshape" -> regrouped(step);
      default -> false;
    };
  }

  private Constant constant(String name) throws IOException {
    return !name.isEmpty() && translation.value(name) instanceof Constant constant
        ? constant
        : null;
  }

  private Activation activation(String name) throws IOException {
    return !name.isEmpty() && translation.value(name) instanceof Activation activation
        ? activation
        : null;
  }

  /** The producer of a value where it is this operator, else null. */
  private OnnxNode made(String name, String operator) {
    OnnxNode node = translation.producer(name);
    return node != null && node.operator().equals(operator) ? node : null;
  }

  private boolean isNumber(String name, double expected) throws IOException {
    Constant constant = constant(name);
    return constant != null
        && constant.isFloat()
        && constant.size() == 1
        && Math.abs(constant.single() - expected) <= CLOSE * Math.abs(expected);
  }

  /** A product as its factors, products among them taken apart. */
  private List<String> factors(OnnxNode product) {
    List<String> open = new ArrayList<>(product.inputs());
    List<String> factors = new ArrayList<>();
    while (!open.isEmpty() && factors.size() + open.size() <= MOST_FACTORS) {
      String name = open.remove(open.size() - 1);
      OnnxNode inner = made(name, "Mul");
      if (inner == null) {
        factors.add(name);
      } else {
        open.addAll(inner.inputs());
      }
    }
    factors.addAll(open);
    return factors;
  }

  private boolean gelu(Step step) throws IOException {
    List<String> factors = factors(step.node());
    if (factors.size() != 3) {
      return false;
    }
    for (String bell : factors) {
      List<String> rest = new ArrayList<>(factors);
      rest.remove(bell);
      for (int i = 0; i < 2; i++) {
        String x = rest.get(i);
        if (isNumber(rest.get(1 - i), 0.5) && activation(x) != null) {
          Function function = bell(bell, x);
          if (function != null) {
            step.give(step.apply(new ElementOp.Activation(function), activation(x)));
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Which GELU this is where a value is {@code 1 + erf(x / sqrt 2)}, or its approximation. */
  private Function bell(String name, String x) throws IOException {
    OnnxNode sum = made(name, "Add");
    if (sum == null || sum.inputs().size() != 2) {
      return null;
    }
    for (int i = 0; i < 2; i++) {
      if (!isNumber(sum.input(1 - i), 1)) {
        continue;
      }
      OnnxNode erf = made(sum.input(i), "Erf");
      OnnxNode tanh = made(sum.input(i), "Tanh");
      if (erf != null && isDivided(erf.input(0), x)) {
        return Function.GELU;
      }
      if (tanh != null && isCubic(tanh.input(0), x)) {
        return Function.GELU_TANH;
      }
    }
    return null;
  }

  private boolean isDivided(String name, String x) throws IOException {
    OnnxNode quotient = made(name, "Div");
    if (quotient != null) {
      return quotient.input(0).equals(x) && isNumber(quotient.input(1), Math.sqrt(2));
    }
    OnnxNode product = made(name, "Mul");
    return product != null
        && product.inputs().contains(x)
        && (isNumber(product.input(0), Math.sqrt(0.5))
            || isNumber(product.input(1), Math.sqrt(0.5)));
  }

  /** {@code sqrt(2 / pi) (x + 0.044715 x^3)}. */
  private boolean isCubic(String name, String x) throws IOException {
    OnnxNode product = made(name, "Mul");
    for (int i = 0; product != null && i < 2; i++) {
      OnnxNode sum = made(product.input(i), "Add");
      if (sum == null || !isNumber(product.input(1 - i), Math.sqrt(2 / Math.PI))) {
        continue;
      }
      for (int j = 0; j < 2; j++) {
        OnnxNode cubic = made(sum.input(j), "Mul");
        if (cubic != null && sum.input(1 - j).equals(x) && isCube(factors(cubic), x)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isCube(List<String> factors, String x) throws IOException {
    int power = 0;
    int coefficients = 0;
    for (String factor : factors) {
      OnnxNode pow = made(factor, "Pow");
      if (factor.equals(x)) {
        power++;
      } else if (pow != null && pow.input(0).equals(x) && isNumber(pow.input(1), 3)) {
        power += 3;
      } else if (isNumber(factor, 0.044715)) {
        coefficients++;
      } else {
        return false;
      }
    }
    return power == 3 && coefficients == 1;
  }

  /** {@code (x - mean) / sqrt(mean of (x - mean)^2 + eps)} over the last axes. */
  private boolean layerNorm(Step step) throws IOException {
    OnnxNode node = step.node();
    OnnxNode centered = made(node.input(0), "Sub");
    OnnxNode root = made(node.input(1), "Sqrt");
    OnnxNode sum = root == null ? null : made(root.input(0), "Add");
    if (centered == null || sum == null) {
      return false;
    }
    Activation x = activation(centered.input(0));
    long[] axes = meanOf(centered.input(1), centered.input(0));
    for (int i = 0; x != null && axes != null && i < 2; i++) {
      Constant eps = constant(sum.input(i));
      OnnxNode variance = made(sum.input(1 - i), "ReduceMean");
      if (eps == null
          || eps.size() != 1
          || variance == null
          || !java.util.Arrays.equals(axes, axes(variance))
          || !isSquare(variance.input(0), node.input(0), centered)) {
        continue;
      }
      List<Integer> ours = new ArrayList<>();
      for (long axis : axes) {
        ours.add(x.axis(axis));
      }
      ours.sort(null);
      int first = x.shape().rank() - ours.size();
      if (ours.get(0) != first || ours.get(ours.size() - 1) != x.shape().rank() - 1) {
        return false;
      }
      Shape shape = NormOperators.trailing(x, first);
      double small = NormOperators.decimal(eps.single());
      normalized.put(
          node.outputs().get(0),
          new Normalized(x, new NormOp.LayerNorm(shape, small, true), shape));
      step.give(step.apply(new NormOp.LayerNorm(shape, small, false), x));
      return true;
    }
    return false;
  }

  /** The axes where a value is another's mean that keeps them, else null. */
  private long[] meanOf(String name, String of) throws IOException {
    OnnxNode mean = made(name, "ReduceMean");
    return mean != null && mean.input(0).equals(of) ? axes(mean) : null;
  }

  private long[] axes(OnnxNode mean) throws IOException {
    if (mean.integer("keepdims", 1) == 0) {
      return null;
    }
    Constant given = constant(mean.input(1));
    return given == null ? mean.integers("axes") : given.plains();
  }

  private boolean isSquare(String name, String centered, OnnxNode difference) throws IOException {
    OnnxNode power = made(name, "Pow");
    OnnxNode product = made(name, "Mul");
    if (power != null) {
      return isNumber(power.input(1), 2) && isThe(power.input(0), centered, difference);
    }
    return product != null
        && product.input(0).equals(product.input(1))
        && isThe(product.input(0), centered, difference);
  }

  /** Whether a value is the centered one, which torch's older exports compute twice. */
  private boolean isThe(String name, String centered, OnnxNode difference) {
    OnnxNode other = made(name, "Sub");
    return name.equals(centered) || (other != null && other.inputs().equals(difference.inputs()));
  }

  /** Groups of channels as the channels of one row of pixels, whose norm is to be followed. */
  private boolean groups(Step step) throws IOException {
    OnnxNode node = step.node();
    Activation rows = activation(node.input(0));
    Node reshape = rows == null ? null : step.parts().node(rows.node());
    if (reshape == null
        || !(reshape.op() instanceof ShapeOp.Reshape)
        || !rows.isPlain()
        || rows.shape().rank() != 2) {
      return false;
    }
    String source = reshape.inputs().get(0);
    Shape shape = step.parts().shape(source);
    int groups = rows.shape().channels();
    if (shape.channels() % groups != 0
        || !isAll(constant(node.input(1)), groups, 1)
        || !isAll(constant(node.input(2)), groups, 0)) {
      return false;
    }
    double eps = NormOperators.decimal(node.number("epsilon", 1e-5));
    normalized.put(
        node.outputs().get(0),
        new Normalized(
            new Activation(source, shape),
            new NormOp.GroupNorm(groups, shape.channels(), eps),
            Shape.of(shape.channels())));
    step.give(new Refused("node '" + node.label() + "': normalizes groups that are not put back"));
    return true;
  }

  private static boolean isAll(Constant constant, int size, float expected) throws IOException {
    if (constant == null || !constant.isFloat() || constant.size() != size) {
      return false;
    }
    for (float value : constant.floats()) {
      if (value != expected) {
        return false;
      }
    }
    return true;
  }

  private boolean regrouped(Step step) throws IOException {
    OnnxNode node = step.node();
    Normalized found = normalized.get(node.input(0));
    if (found == null || !(found.op instanceof NormOp.GroupNorm)) {
      return false;
    }
    Constant target = step.constant(1);
    Size[] sizes = new Size[target.size()];
    for (int i = 0; i < sizes.length; i++) {
      boolean copied = i == 0 && target.whole(i).equals(Size.of(0));
      sizes[i] = copied ? Size.batches(1) : target.whole(i);
    }
    BatchPlace place = BatchPlace.find(found.x, sizes, translation.fixedBatch());
    if (place.at() != 0 || place.right() != 0 || !place.shape().equals(found.x.shape())) {
      return false;
    }
    String output = node.outputs().get(0);
    normalized.put(output, found);
    step.give(
        step.layer(
            found.op,
            found.x,
            "",
            List.of(output),
            NormOperators.neutral(found.parameters.channels())));
    return true;
  }

  /** A factor for each normalized element; what it gives counts only if a shift follows. */
  private boolean scaling(Step step) throws IOException {
    OnnxNode node = step.node();
    for (int i = 0; i < 2; i++) {
      Normalized found = normalized.get(node.input(i));
      Constant weight = found == null ? null : constant(node.input(1 - i));
      if (weight != null && isVector(weight, found)) {
        scaled.put(node.outputs().get(0), new Scaled(found, node.input(1 - i), weight));
      }
    }
    return false;
  }

  private boolean shifting(Step step) throws IOException {
    OnnxNode node = step.node();
    for (int i = 0; i < 2; i++) {
      Scaled found = scaled.get(node.input(i));
      Constant bias = found == null ? null : constant(node.input(1 - i));
      if (bias != null && isVector(bias, found.normalized)) {
        step.give(
            step.layer(
                found.normalized.op,
                found.normalized.x,
                found.weight,
                List.of(found.weight, node.input(1 - i)),
                NormOperators.affine(found.values, bias)));
        return true;
      }
    }
    return false;
  }

  /** Whether a constant has one number for each parameter, as it broadcasts. */
  private static boolean isVector(Constant constant, Normalized found) {
    int rank = found.parameters.rank();
    boolean channels = found.op instanceof NormOp.GroupNorm;
    int behind = channels ? found.x.shape().rank() - 1 : 0;
    if (!constant.isFloat() || constant.rank() < rank + behind) {
      return false;
    }
    int first = constant.rank() - rank - behind;
    for (int i = 0; i < constant.rank(); i++) {
      boolean inside = i >= first && i < first + rank;
      if (constant.dim(i) != (inside ? found.parameters.dim(i - first) : 1)) {
        return false;
      }
    }
    return true;
  }

  /** A product by a matrix that only this node reads, which adds a vector. */
  private boolean linear(Step step) throws IOException {
    OnnxNode node = step.node();
    for (int i = 0; i < 2; i++) {
      OnnxNode product = made(node.input(i), "MatMul");
      Constant bias = constant(node.input(1 - i));
      Activation x = product == null ? null : activation(product.input(0));
      Constant matrix = product == null ? null : constant(product.input(1));
      if (x != null
          && matrix != null
          && matrix.rank() == 2
          && bias != null
          && bias.isFloat()
          && bias.rank() == 1
          && bias.size() == matrix.dim(1)
          && translation.readers(node.input(i)) == 1
          && activation(node.input(i)) != null) {
        step.give(LayerOperators.linear(step, x, product, node.input(1 - i), bias));
        return true;
      }
    }
    return false;
  }
}
