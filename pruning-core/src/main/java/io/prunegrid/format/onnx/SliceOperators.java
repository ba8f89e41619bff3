package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.Value.Activation;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Operators that take parts of a tensor, or put several side by side. */
final class SliceOperators {
  private SliceOperators() {}

  static void register(Map<String, Operators.Handler> handlers) {
    handlers.put("Concat", SliceOperators::concat);
    handlers.put("Split", SliceOperators::split);
    handlers.put("Slice", SliceOperators::slice);
    handlers.put("Gather", SliceOperators::gather);
  }

  private static void concat(Step step) throws IOException {
    List<Activation> parts = new ArrayList<>();
    Activation like = null;
    for (int i = 0; i < step.node().inputs().size(); i++) {
      if (step.in(i) instanceof Activation activation) {
        like = like == null ? activation : like;
      }
    }
    for (int i = 0; i < step.node().inputs().size(); i++) {
      parts.add(step.in(i) instanceof Activation activation ? activation : beside(step, i, like));
    }
    for (Activation part : parts) {
      if (part.fileRank() != like.fileRank()
          || part.at() != like.at()
          || part.left() != like.left()
          || part.right() != like.right()) {
        throw new Unsupported("it joins values whose batches lie along different axes");
      }
    }
    int axis = like.axis(step.node().integer("axis", 0));
    String name =
        step.parts()
            .add(
                Title.of(step.node().label()),
                new Op.Concat(axis),
                parts.stream().map(Activation::node).toList());
    step.give(like.like(name, step.parts().shape(name)));
  }

  /** A constant among activations, which the file can only have for one sample. */
  private static Activation beside(Step step, int index, Activation like) throws IOException {
    Constant constant = step.constant(index);
    boolean one =
        like.left() + like.right() == 0
            && constant.isFloat()
            && constant.rank() == like.fileRank()
            && constant.dim(like.batchAxis()) == 1
            && step.translation().fixedBatch() == 1;
    if (!one) {
      throw new Unsupported("it joins a constant with activations");
    }
    List<Integer> dims = new ArrayList<>();
    for (int i = 0; i < constant.rank(); i++) {
      if (i != like.batchAxis()) {
        dims.add(constant.dim(i));
      }
    }
    Shape shape = new Shape(dims);
    String name = step.node().input(index);
    return like.like(step.parameter(name, constant, shape, Role.EMBEDDING), shape);
  }

  private static void split(Step step) throws IOException {
    Activation x = step.activation(0);
    int axis = x.axis(step.node().integer("axis", 0));
    int length = x.shape().dim(axis);
    int count = step.node().outputs().size();
    long[] sizes = step.has(1) ? step.constant(1).plains() : step.node().integers("split");
    if (sizes == null) {
      if (length % count != 0) {
        throw new Unsupported("it splits " + length + " in " + count + " equal parts");
      }
      sizes = new long[count];
      Arrays.fill(sizes, length / count);
    }
    if (sizes.length != count || Arrays.stream(sizes).sum() != length) {
      throw new Unsupported("its parts do not add up to " + length);
    }
    int start = 0;
    for (long size : sizes) {
      if (size < 1 || size > length) {
        throw new Unsupported("it has a part of " + size);
      }
      step.give(part(step, x, axis, start, start + (int) size, 1));
      start += (int) size;
    }
  }

  private static void slice(Step step) throws IOException {
    Activation x = step.activation(0);
    List<Constant> in = new ArrayList<>();
    in.add(null);
    for (int i = 1; i < step.node().inputs().size(); i++) {
      in.add(step.has(i) ? step.constant(i) : null);
    }
    for (SliceRange range : SliceRange.of(in, x.fileRank())) {
      if (range.axis() == x.batchAxis() && range.isWhole()) {
        continue;
      }
      int axis = x.axis(range.axis());
      if (range.step() < 1) {
        throw new Unsupported("it goes in steps of " + range.step());
      }
      int[] bounds = range.within(x.shape().dim(axis));
      if (bounds[2] < 1) {
        throw new Unsupported("it leaves nothing");
      }
      int end = bounds[0] + (bounds[2] - 1) * bounds[1] + 1;
      x = part(step, x, axis, bounds[0], end, bounds[1]);
    }
    step.give(x);
  }

  private static Activation part(Step step, Activation x, int axis, int start, int end, int every) {
    if (start == 0 && end == x.shape().dim(axis) && every == 1) {
      return x;
    }
    return step.apply(new ShapeOp.Slice(axis, start, end, every), x);
  }

  private static void gather(Step step) throws IOException {
    Activation x = step.activation(0);
    Constant indices = step.constant(1);
    int axis = x.axis(step.node().integer("axis", 0));
    int length = x.shape().dim(axis);
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < indices.size(); i++) {
      long place = indices.plain(i) < 0 ? indices.plain(i) + length : indices.plain(i);
      if (place < 0 || place >= length) {
        throw new Unsupported("it picks element " + place + " of " + length);
      }
      places.add((int) place);
    }
    if (indices.rank() > 1 || places.isEmpty()) {
      throw new Unsupported("it picks by a table of several dimensions");
    }
    if (indices.rank() == 0) {
      single(step, x, axis, places.get(0));
      return;
    }
    boolean run = true;
    for (int i = 1; i < places.size(); i++) {
      run &= places.get(i) == places.get(0) + i;
    }
    Set<Integer> distinct = new HashSet<>(places);
    if (axis == 0 && x.isPlain() && distinct.size() < places.size()) {
      throw new Unsupported("it picks a channel more than once");
    }
    if (run) {
      step.give(part(step, x, axis, places.get(0), places.get(0) + places.size(), 1));
    } else if (axis == 0 && x.isPlain() && distinct.size() == places.size()) {
      step.give(step.apply(new Op.SelectChannels(places), x));
    } else if (axis > 0 && x.isPlain() && x.shape().rank() == 3) {
      nearest(step, x, axis, places);
    } else {
      throw new Unsupported("it picks places out of order along another axis than the channels'");
    }
  }

  /** Rows or columns repeated and left out as the nearest pixels of another size are. */
  private static void nearest(Step step, Activation x, int axis, List<Integer> places) {
    long[] expected = SpatialExport.places(x.shape().dim(axis), places.size());
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] != places.get(i)) {
        throw new Unsupported("it picks rows or columns in an order of its own");
      }
    }
    Shape shape = x.shape().withDim(axis, places.size());
    Size2d size = new Size2d(shape.dim(1), shape.dim(2));
    step.give(
        step.apply(new SpatialOp.Interpolate(size, SpatialOp.Interpolate.Mode.NEAREST, false), x));
  }

  /** One place of an axis, which is left out then. */
  private static void single(Step step, Activation x, int axis, int place) {
    Activation part = part(step, x, axis, place, place + 1, 1);
    List<Size> sizes = new ArrayList<>(List.of(part.sizes()));
    sizes.remove(axis < x.at() - x.left() ? axis : axis + 1 - x.left() - x.right());
    step.give(ShapeOperators.reshaped(step, part, sizes.toArray(Size[]::new)));
  }
}
