package io.prunegrid.format.onnx;

import java.io.IOException;
import java.util.Arrays;

/** Arithmetic on constants, element by element, with broadcasting. */
final class ConstantMath {
  private ConstantMath() {}

  static Constant binary(Folding folding, String operator, Constant a, Constant b)
      throws IOException {
    int[] dims = broadcast(a.dims(), b.dims());
    int size = Constant.size(dims);
    folding.charge(size);
    int[] left = places(dims, steps(a.dims(), dims), 0);
    int[] right = places(dims, steps(b.dims(), dims), 0);
    boolean compares =
        switch (operator) {
          case "Equal", "Less", "Greater", "And", "Or" -> true;
          default -> false;
        };
    if (!a.isFloat() && !b.isFloat()) {
      Size[] out = new Size[size];
      Arrays.setAll(out, i -> whole(operator, a.whole(left[i]), b.whole(right[i])));
      return Constant.whole(dims, out);
    }
    float[] x = a.floats();
    float[] y = b.floats();
    double[] out = new double[size];
    Arrays.setAll(out, i -> real(operator, x[left[i]], y[right[i]]));
    return compares ? truths(dims, out) : floats(dims, out);
  }

  private static Size whole(String operator, Size a, Size b) {
    return switch (operator) {
      case "Add" -> a.plus(b);
      case "Sub" -> a.minus(b);
      case "Mul" -> a.times(b);
      case "Div" -> a.over(b);
      case "Equal" -> Size.of(a.same(b) ? 1 : 0);
      case "Less" -> Size.of(plain(a) < plain(b) ? 1 : 0);
      case "Greater" -> Size.of(plain(a) > plain(b) ? 1 : 0);
      case "And" -> Size.of(plain(a) != 0 && plain(b) != 0 ? 1 : 0);
      case "Or" -> Size.of(plain(a) != 0 || plain(b) != 0 ? 1 : 0);
      case "Min" -> Size.of(Math.min(plain(a), plain(b)));
      case "Max" -> Size.of(Math.max(plain(a), plain(b)));
      case "Mod" -> {
        if (plain(b) == 0) {
          throw new Unsupported("it divides by zero");
        }
        yield Size.of(Math.floorMod(plain(a), plain(b)));
      }
      default -> throw new Unsupported(operator + " of whole numbers is not supported");
    };
  }

  private static long plain(Size size) {
    if (!size.isPlain()) {
      throw new Unsupported("it depends on the number of samples");
    }
    return size.plain();
  }

  private static double real(String operator, double a, double b) {
    return switch (operator) {
      case "Add" -> a + b;
      case "Sub" -> a - b;
      case "Mul" -> a * b;
      case "Div" -> a / b;
      case "Pow" -> Math.pow(a, b);
      case "Min" -> Math.min(a, b);
      case "Max" -> Math.max(a, b);
      case "Equal" -> a == b ? 1 : 0;
      case "Less" -> a < b ? 1 : 0;
      case "Greater" -> a > b ? 1 : 0;
      default -> throw new Unsupported(operator + " of floats is not supported");
    };
  }

  static Constant unary(String operator, Constant x) throws IOException {
    if (!x.isFloat()) {
      Size[] out = new Size[x.size()];
      Arrays.setAll(
          out,
          i ->
              switch (operator) {
                case "Neg" -> Size.of(0).minus(x.whole(i));
                case "Abs" -> Size.of(Math.abs(x.plain(i)));
                case "Not" -> Size.of(x.plain(i) == 0 ? 1 : 0);
                case "Truth" -> Size.of(x.whole(i).same(Size.of(0)) ? 0 : 1);
                default -> throw new Unsupported(operator + " of whole numbers is not supported");
              });
      return Constant.whole(x.dims(), out);
    }
    float[] from = x.floats();
    double[] out = new double[from.length];
    Arrays.setAll(
        out,
        i ->
            switch (operator) {
              case "Sqrt" -> Math.sqrt(from[i]);
              case "Neg" -> -from[i];
              case "Floor" -> Math.floor(from[i]);
              case "Ceil" -> Math.ceil(from[i]);
              case "Round" -> Math.rint(from[i]);
              case "Reciprocal" -> 1.0 / from[i];
              case "Exp" -> Math.exp(from[i]);
              case "Log" -> Math.log(from[i]);
              case "Abs" -> Math.abs(from[i]);
              default -> throw new Unsupported(operator + " of floats is not supported");
            });
    return floats(x.dims(), out);
  }

  static Constant where(Folding folding, Constant condition, Constant a, Constant b)
      throws IOException {
    int[] dims = broadcast(condition.dims(), broadcast(a.dims(), b.dims()));
    int size = Constant.size(dims);
    folding.charge(size);
    int[] asked = places(dims, steps(condition.dims(), dims), 0);
    int[] left = places(dims, steps(a.dims(), dims), 0);
    int[] right = places(dims, steps(b.dims(), dims), 0);
    if (a.isFloat() != b.isFloat()) {
      throw new Unsupported("it chooses between floats and whole numbers");
    }
    if (!a.isFloat()) {
      Size[] out = new Size[size];
      Arrays.setAll(
          out, i -> condition.plain(asked[i]) != 0 ? a.whole(left[i]) : b.whole(right[i]));
      return Constant.whole(dims, out);
    }
    float[] x = a.floats();
    float[] y = b.floats();
    double[] out = new double[size];
    Arrays.setAll(out, i -> condition.plain(asked[i]) != 0 ? x[left[i]] : y[right[i]]);
    return floats(dims, out);
  }

  private static Constant floats(int[] dims, double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Constant.floats(dims, floats);
  }

  private static Constant truths(int[] dims, double[] values) {
    return Constant.whole(
        dims, Arrays.stream(values).mapToObj(value -> Size.of((long) value)).toArray(Size[]::new));
  }

  /** The shape of two operands, the last axes aligned, sizes of 1 repeated. */
  static int[] broadcast(int[] a, int[] b) {
    int rank = Math.max(a.length, b.length);
    int[] dims = new int[rank];
    for (int i = 0; i < rank; i++) {
      int left = i < rank - a.length ? 1 : a[i - rank + a.length];
      int right = i < rank - b.length ? 1 : b[i - rank + b.length];
      if (left != right && left != 1 && right != 1) {
        throw new Unsupported(
            "it combines the shapes " + Arrays.toString(a) + " and " + Arrays.toString(b));
      }
      dims[i] = left == 1 ? right : left;
    }
    return dims;
  }

  /** How far apart elements lie along each axis. */
  static int[] strides(int[] dims) {
    int[] strides = new int[dims.length];
    int step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(1, dims[i]);
    }
    return strides;
  }

  /** Strides of an operand by the axes of the result; 0 where it is repeated. */
  static int[] steps(int[] operand, int[] result) {
    int[] strides = strides(operand);
    int[] steps = new int[result.length];
    for (int i = 0; i < operand.length; i++) {
      steps[i + result.length - operand.length] = operand[i] == 1 ? 0 : strides[i];
    }
    return steps;
  }

  /** Where each element of the result lies in the operand. */
  static int[] places(int[] dims, int[] steps, int start) {
    int[] places = new int[Constant.size(dims)];
    int[] index = new int[dims.length];
    int at = start;
    for (int i = 0; i < places.length; i++) {
      places[i] = at;
      for (int d = dims.length - 1; d >= 0; d--) {
        at += steps[d];
        if (++index[d] < dims[d]) {
          break;
        }
        at -= steps[d] * dims[d];
        index[d] = 0;
      }
    }
    return places;
  }
}
