package io.prunegrid.format.onnx;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Computes nodes whose inputs are all known: shape arithmetic and what is done to weights. */
final class Folding {
  private static final long ALLOWANCE = 1 << 22;

  private final long opset;
  private long remaining;

  /**
   * @param fileLength what folded tensors together may hold in elements, and some more
   */
  Folding(long opset, long fileLength) {
    this.opset = opset;
    this.remaining = fileLength + ALLOWANCE;
  }

  /** The outputs of a node with these inputs; an input left out is null. */
  List<Constant> fold(OnnxNode node, List<Constant> in) throws IOException {
    return switch (node.operator()) {
      case "Constant" -> List.of(constant(node));
      case "Identity", "Dropout" -> List.of(in.get(0));
      case "Cast" -> List.of(cast(in.get(0), node.integer("to", 1)));
      case "Shape" -> List.of(shape(in.get(0)));
      case "Size" -> List.of(Constant.number(in.get(0).size()));
      case "Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "Mod" ->
          List.of(ConstantMath.binary(this, node.operator(), in.get(0), in.get(1)));
      case "Equal", "Less", "Greater", "And", "Or" ->
          List.of(ConstantMath.binary(this, node.operator(), in.get(0), in.get(1)));
      case "Where" -> List.of(ConstantMath.where(this, in.get(0), in.get(1), in.get(2)));
      case "Sqrt", "Neg", "Floor", "Ceil", "Round", "Reciprocal", "Exp", "Log", "Abs", "Not" ->
          List.of(ConstantMath.unary(node.operator(), in.get(0)));
      case "Reshape" -> List.of(reshape(in.get(0), in.get(1), node.integer("allowzero", 0)));
      case "Flatten" -> List.of(flatten(in.get(0), node.integer("axis", 1)));
      case "Unsqueeze" -> List.of(unsqueeze(in.get(0), axes(node, in)));
      case "Squeeze" -> List.of(squeeze(in.get(0), axes(node, in)));
      case "Transpose" -> List.of(transpose(in.get(0), node.integers("perm")));
      case "Concat" -> List.of(concat(in, node.integer("axis", 0)));
      case "Gather" -> List.of(gather(in.get(0), in.get(1), node.integer("axis", 0)));
      case "Slice" -> List.of(slice(in));
      case "Expand" -> List.of(expand(in.get(0), ints(in.get(1))));
      case "ConstantOfShape" -> List.of(constantOfShape(node, in.get(0)));
      case "Range" -> List.of(range(in.get(0), in.get(1), in.get(2)));
      case "ReduceProd" -> List.of(product(in.get(0)));
      default -> throw new Unsupported("the operator is not supported on constants");
    };
  }

  private Constant constant(OnnxNode node) throws IOException {
    if (node.has("value")) {
      OnnxTensor tensor = node.attributes().get("value").tensor();
      if (tensor == null) {
        throw new Unsupported("its attribute value should be a tensor");
      }
      return Constant.of(tensor);
    }
    if (node.has("value_float")) {
      return Constant.floats(new int[0], (float) node.number("value_float", 0));
    }
    if (node.has("value_int")) {
      return Constant.number(node.integer("value_int", 0));
    }
    if (node.has("value_ints")) {
      long[] values = node.integers("value_ints");
      return Constant.whole(
          new int[] {values.length}, Arrays.stream(values).mapToObj(Size::of).toArray(Size[]::new));
    }
    if (node.has("value_floats")) {
      double[] values = node.attributes().get("value_floats").reals().toDoubles();
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) values[i];
      }
      return Constant.floats(new int[] {floats.length}, floats);
    }
    throw new Unsupported("it holds no number or tensor");
  }

  private Constant cast(Constant x, long type) throws IOException {
    boolean toFloat = type == 1 || type == 10 || type == 11 || type == 16;
    if (toFloat == x.isFloat()) {
      Constant same = type == 1 ? x.single32() : x;
      return type == 9 && !x.isFloat() ? ConstantMath.unary("Truth", x) : same;
    }
    charge(x.size());
    if (toFloat) {
      return Constant.floats(x.dims(), x.floats());
    }
    float[] from = x.floats();
    Size[] whole = new Size[from.length];
    Arrays.setAll(whole, i -> Size.of(type == 9 ? (from[i] != 0 ? 1 : 0) : (long) from[i]));
    return Constant.whole(x.dims(), whole);
  }

  private static Constant shape(Constant x) {
    return Constant.whole(
        new int[] {x.rank()}, Arrays.stream(x.dims()).mapToObj(Size::of).toArray(Size[]::new));
  }

  private static Constant reshape(Constant x, Constant target, long allowZero) {
    int[] dims = ints(target);
    int known = 1;
    int open = -1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == 0 && allowZero == 0) {
        if (i >= x.rank()) {
          throw new Unsupported("it copies the size of axis " + i + " of " + x.rank());
        }
        dims[i] = x.dim(i);
      }
      if (dims[i] == -1) {
        if (open >= 0) {
          throw new Unsupported("it leaves two sizes open");
        }
        open = i;
      } else {
        known = Constant.size(new int[] {known, dims[i]});
      }
    }
    if (open >= 0) {
      if (known == 0) {
        throw new Unsupported("it leaves a size open beside one of 0");
      }
      dims[open] = x.size() / known;
    }
    return x.shaped(dims);
  }

  private static Constant flatten(Constant x, long axis) {
    int split = (int) (axis < 0 ? axis + x.rank() : axis);
    if (split < 0 || split > x.rank()) {
      throw new Unsupported("it names axis " + axis + " of " + x.rank());
    }
    return x.shaped(
        Constant.size(Arrays.copyOfRange(x.dims(), 0, split)),
        Constant.size(Arrays.copyOfRange(x.dims(), split, x.rank())));
  }

  /** Axes from an attribute, or from the second input since opset 13; null where not given. */
  private long[] axes(OnnxNode node, List<Constant> in) {
    if (opset < 13) {
      return node.integers("axes");
    }
    return in.size() < 2 || in.get(1) == null ? null : in.get(1).plains();
  }

  private static Constant unsqueeze(Constant x, long[] axes) {
    if (axes == null) {
      throw new Unsupported("it names no axes");
    }
    return x.shaped(unsqueezed(Arrays.stream(x.dims()).boxed().toArray(Integer[]::new), axes));
  }

  private static int[] unsqueezed(Integer[] dims, long[] axes) {
    int rank = dims.length + axes.length;
    boolean[] fresh = new boolean[rank];
    for (long axis : axes) {
      fresh[axis(axis, rank)] = true;
    }
    int[] out = new int[rank];
    int from = 0;
    for (int i = 0; i < rank; i++) {
      if (!fresh[i] && from == dims.length) {
        throw new Unsupported("it names an axis twice");
      }
      out[i] = fresh[i] ? 1 : dims[from++];
    }
    return out;
  }

  private static Constant squeeze(Constant x, long[] axes) {
    boolean[] gone = new boolean[x.rank()];
    for (int i = 0; i < gone.length; i++) {
      gone[i] = axes == null && x.dim(i) == 1;
    }
    for (long axis : axes == null ? new long[0] : axes) {
      gone[axis(axis, x.rank())] = true;
    }
    return x.shaped(
        java.util.stream.IntStream.range(0, gone.length)
            .filter(i -> !gone[i])
            .map(x::dim)
            .toArray());
  }

  Constant transpose(Constant x, long[] order) throws IOException {
    int rank = x.rank();
    int[] perm = new int[rank];
    boolean[] seen = new boolean[rank];
    if (order != null && order.length != rank) {
      throw new Unsupported("it reorders " + order.length + " axes of " + rank);
    }
    int[] dims = new int[rank];
    for (int i = 0; i < rank; i++) {
      perm[i] = order == null ? rank - 1 - i : axis(order[i], rank);
      if (seen[perm[i]]) {
        throw new Unsupported("it names an axis twice");
      }
      seen[perm[i]] = true;
      dims[i] = x.dim(perm[i]);
    }
    int[] strides = ConstantMath.strides(x.dims());
    int[] steps = new int[rank];
    Arrays.setAll(steps, i -> strides[perm[i]]);
    return walk(x, dims, steps, 0);
  }

  private Constant concat(List<Constant> in, long along) throws IOException {
    Constant first = in.get(0);
    int axis = axis(along, first.rank());
    int[] dims = first.dims();
    int total = 0;
    for (Constant x : in) {
      int[] other = x.dims();
      if (other.length != dims.length || x.isFloat() != first.isFloat()) {
        throw new Unsupported("it joins constants of different kinds");
      }
      total = Math.addExact(total, other[axis]);
      other[axis] = dims[axis];
      if (!Arrays.equals(other, dims)) {
        throw new Unsupported("it joins constants that differ along other axes, too");
      }
    }
    dims[axis] = total;
    int size = Constant.size(dims);
    charge(size);
    int outer = Constant.size(Arrays.copyOfRange(dims, 0, axis));
    float[] floats = first.isFloat() ? new float[size] : null;
    Size[] whole = first.isFloat() ? null : new Size[size];
    int to = 0;
    int before = 0;
    int block = outer == 0 ? 0 : size / outer;
    for (Constant x : in) {
      int length = outer == 0 ? 0 : x.size() / outer;
      float[] from = first.isFloat() ? x.floats() : null;
      for (int o = 0; o < outer; o++) {
        for (int i = 0; i < length; i++) {
          to = o * block + before + i;
          if (from != null) {
            floats[to] = from[o * length + i];
          } else {
            whole[to] = x.whole(o * length + i);
          }
        }
      }
      before += length;
    }
    return first.isFloat() ? Constant.floats(dims, floats) : Constant.whole(dims, whole);
  }

  private Constant gather(Constant x, Constant indices, long along) throws IOException {
    int axis = axis(along, x.rank());
    int[] dims = new int[x.rank() - 1 + indices.rank()];
    System.arraycopy(x.dims(), 0, dims, 0, axis);
    System.arraycopy(indices.dims(), 0, dims, axis, indices.rank());
    System.arraycopy(x.dims(), axis + 1, dims, axis + indices.rank(), x.rank() - axis - 1);
    int size = Constant.size(dims);
    charge(size);
    int inner = Constant.size(Arrays.copyOfRange(x.dims(), axis + 1, x.rank()));
    int length = x.dim(axis);
    int[] places = new int[size];
    for (int i = 0; i < size; i++) {
      long index = indices.plain(i / inner % indices.size());
      index = index < 0 ? index + length : index;
      if (index < 0 || index >= length) {
        throw new Unsupported("it picks element " + index + " of " + length);
      }
      places[i] = (int) (((long) i / inner / indices.size() * length + index) * inner + i % inner);
    }
    return x.pick(dims, places);
  }

  private Constant slice(List<Constant> in) throws IOException {
    Constant x = in.get(0);
    int[] dims = x.dims();
    int[] strides = ConstantMath.strides(dims);
    int[] steps = strides.clone();
    int start = 0;
    for (SliceRange range : SliceRange.of(in, x.rank())) {
      int[] bounds = range.within(dims[range.axis()]);
      start += bounds[0] * strides[range.axis()];
      dims[range.axis()] = bounds[2];
      steps[range.axis()] = strides[range.axis()] * bounds[1];
    }
    return walk(x, dims, steps, start);
  }

  Constant expand(Constant x, int[] target) throws IOException {
    int[] dims = ConstantMath.broadcast(x.dims(), target);
    return walk(x, dims, ConstantMath.steps(x.dims(), dims), 0);
  }

  private Constant walk(Constant x, int[] dims, int[] steps, int start) throws IOException {
    charge(Constant.size(dims));
    return x.pick(dims, ConstantMath.places(dims, steps, start));
  }

  private Constant constantOfShape(OnnxNode node, Constant shape) throws IOException {
    int[] dims = ints(shape);
    Constant value =
        node.has("value") && node.attributes().get("value").tensor() != null
            ? Constant.of(node.attributes().get("value").tensor())
            : Constant.floats(new int[] {1}, 0);
    return walk(value, dims, new int[dims.length], 0);
  }

  private Constant range(Constant start, Constant limit, Constant delta) throws IOException {
    if (start.isFloat()) {
      throw new Unsupported("ranges of floats are not supported");
    }
    long step = delta.plain(0);
    long span = limit.whole(0).minus(start.whole(0)).plain();
    if (step == 0 || !limit.whole(0).isPlain()) {
      throw new Unsupported(step == 0 ? "its step is 0" : "it depends on the number of samples");
    }
    long count = Math.max(0, -Math.floorDiv(-span, step));
    charge(count);
    Size[] values = new Size[(int) count];
    Arrays.setAll(values, i -> Size.of(start.plain(0) + i * step));
    return Constant.whole(new int[] {values.length}, values);
  }

  private static Constant product(Constant x) {
    Size product = Size.of(1);
    for (int i = 0; i < x.size(); i++) {
      product = product.times(x.whole(i));
    }
    return Constant.whole(new int[0], product);
  }

  /** Refuses to make constants that are out of proportion to the file. */
  void charge(long elements) {
    remaining -= elements;
    if (remaining < 0) {
      throw new Unsupported("its constants are out of proportion to the file");
    }
  }

  static int axis(long axis, int rank) {
    long found = axis < 0 ? axis + rank : axis;
    if (found < 0 || found >= rank) {
      throw new Unsupported("it names axis " + axis + " of " + rank);
    }
    return (int) found;
  }

  /** Whole numbers that fit into 32 bits. */
  static int[] ints(Constant x) {
    int[] values = new int[x.size()];
    for (int i = 0; i < values.length; i++) {
      long value = x.plain(i);
      if (value != (int) value) {
        throw new Unsupported("it has a size of " + value);
      }
      values[i] = (int) value;
    }
    return values;
  }
}
