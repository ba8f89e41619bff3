package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.Value.Activation;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Operators that give the same elements other axes. */
final class ShapeOperators {
  private ShapeOperators() {}

  static void register(Map<String, Operators.Handler> handlers) {
    handlers.put("Shape", ShapeOperators::shape);
    handlers.put("Reshape", ShapeOperators::reshape);
    handlers.put("Flatten", ShapeOperators::flatten);
    handlers.put("Squeeze", ShapeOperators::squeeze);
    handlers.put("Unsqueeze", ShapeOperators::unsqueeze);
    handlers.put("Transpose", ShapeOperators::transpose);
    handlers.put("Expand", ShapeOperators::expand);
    handlers.put("ReduceMean", ShapeOperators::mean);
    handlers.put("ReduceMax", ShapeOperators::largest);
  }

  private static void shape(Step step) throws IOException {
    Size[] sizes = step.activation(0).sizes();
    int start = place(step.node().integer("start", 0), sizes.length);
    int end = place(step.node().integer("end", sizes.length), sizes.length);
    Size[] found = start < end ? Arrays.copyOfRange(sizes, start, end) : new Size[0];
    step.give(Constant.whole(new int[] {found.length}, found));
  }

  private static int place(long value, int rank) {
    return (int) Math.min(Math.max(value < 0 ? value + rank : value, 0), rank);
  }

  private static void reshape(Step step) throws IOException {
    Activation x = step.activation(0);
    Constant target = step.constant(1);
    Size[] given = x.sizes();
    Size[] sizes = new Size[target.size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = target.whole(i);
      if (sizes[i].equals(Size.of(0)) && step.node().integer("allowzero", 0) == 0) {
        if (i >= given.length) {
          throw new Unsupported("it copies the size of axis " + i + " of " + given.length);
        }
        sizes[i] = given[i];
      }
    }
    Activation shuffled = shuffle(step, x, sizes);
    step.give(shuffled == null ? reshaped(step, x, sizes) : shuffled);
  }

  private static void flatten(Step step) throws IOException {
    Activation x = step.activation(0);
    Size[] given = x.sizes();
    long axis = step.node().integer("axis", 1);
    int split = (int) (axis < 0 ? axis + given.length : axis);
    if (split < 0 || split > given.length) {
      throw new Unsupported("it names axis " + axis + " of " + given.length);
    }
    Size[] sizes = {Size.of(1), Size.of(1)};
    for (int i = 0; i < given.length; i++) {
      sizes[i < split ? 0 : 1] = sizes[i < split ? 0 : 1].times(given[i]);
    }
    step.give(reshaped(step, x, sizes));
  }

  private static long[] axes(Step step) throws IOException {
    if (step.has(1)) {
      return step.constant(1).plains();
    }
    return step.node().integers("axes");
  }

  private static void squeeze(Step step) throws IOException {
    Activation x = step.activation(0);
    Size[] given = x.sizes();
    long[] axes = axes(step);
    boolean[] gone = new boolean[given.length];
    for (int i = 0; axes == null && i < gone.length; i++) {
      gone[i] = i != x.batchAxis() && given[i].equals(Size.of(1));
    }
    for (long axis : axes == null ? new long[0] : axes) {
      int found = Folding.axis(axis, given.length);
      if (!given[found].equals(Size.of(1))) {
        throw new Unsupported("it leaves out axis " + axis + ", which has not the size 1");
      }
      gone[found] = true;
    }
    List<Size> sizes = new ArrayList<>();
    for (int i = 0; i < given.length; i++) {
      if (!gone[i]) {
        sizes.add(given[i]);
      }
    }
    step.give(reshaped(step, x, sizes.toArray(Size[]::new)));
  }

  private static void unsqueeze(Step step) throws IOException {
    Activation x = step.activation(0);
    long[] axes = axes(step);
    if (axes == null) {
      throw new Unsupported("it names no axes");
    }
    Size[] given = x.sizes();
    Size[] sizes = new Size[given.length + axes.length];
    for (long axis : axes) {
      sizes[Folding.axis(axis, sizes.length)] = Size.of(1);
    }
    int from = 0;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] == null && from < given.length) {
        sizes[i] = given[from++];
      }
    }
    if (from < given.length) {
      throw new Unsupported("it names an axis twice");
    }
    step.give(reshaped(step, x, sizes));
  }

  /** The same elements with these axes in the file, one of which may be left open by -1. */
  static Activation reshaped(Step step, Activation x, Size[] target) {
    BatchPlace place = BatchPlace.find(x, target, step.translation().fixedBatch());
    Shape shape = place.shape();
    String node = x.node();
    if (!shape.equals(x.shape())) {
      Op op = shape.rank() == 1 ? new Op.Flatten() : new ShapeOp.Reshape(shape);
      node = step.parts().add(Title.of(step.node().label()), op, List.of(node));
    }
    return new Activation(node, shape, place.at(), place.left(), place.right());
  }

  /** Channels put in groups, groups and places exchanged, and put side by side again. */
  private static Activation shuffle(Step step, Activation x, Size[] target) {
    Node turned = step.parts().node(x.node());
    if (!x.isPlain()
        || x.shape().rank() != 4
        || !(turned.op() instanceof ShapeOp.Transpose transpose)
        || !transpose.order().equals(List.of(1, 0, 2, 3))) {
      return null;
    }
    Node grouped = step.parts().node(turned.inputs().get(0));
    if (!(grouped.op() instanceof ShapeOp.Reshape split) || split.shape().rank() != 4) {
      return null;
    }
    String source = grouped.inputs().get(0);
    Shape before = step.parts().shape(source);
    Shape after = BatchPlace.find(x, target, step.translation().fixedBatch()).shape();
    if (before.rank() != 3
        || !before.equals(after)
        || !before.dims().subList(1, 3).equals(split.shape().dims().subList(2, 4))) {
      return null;
    }
    String name =
        step.parts()
            .add(
                Title.of(step.node().label()),
                new ShapeOp.ChannelShuffle(split.shape().dim(0)),
                List.of(source));
    return new Activation(name, after);
  }

  private static void transpose(Step step) throws IOException {
    Activation x = step.activation(0);
    int rank = x.fileRank();
    long[] order = step.node().integers("perm");
    if (order == null) {
      order = new long[rank];
      for (int i = 0; i < rank; i++) {
        order[i] = rank - 1L - i;
      }
    }
    if (order.length != rank) {
      throw new Unsupported("it reorders " + order.length + " axes of " + rank);
    }
    List<Integer> ours = new ArrayList<>();
    int at = 0;
    for (long axis : order) {
      int found = Folding.axis(axis, rank);
      if (found == x.batchAxis()) {
        for (int merged = x.at() - x.left(); merged < x.at() + x.right(); merged++) {
          ours.add(merged);
        }
        at = ours.size() - x.right();
      } else {
        ours.add(x.axis(found));
      }
    }
    String node = x.node();
    boolean moved = false;
    for (int i = 0; i < ours.size(); i++) {
      moved |= ours.get(i) != i;
    }
    if (moved || ours.size() != x.shape().rank()) {
      node =
          step.parts()
              .add(Title.of(step.node().label()), new ShapeOp.Transpose(ours), List.of(node));
    }
    step.give(new Activation(node, step.parts().shape(node), at, x.left(), x.right()));
  }

  private static void expand(Step step) throws IOException {
    Activation x = step.activation(0);
    Constant target = step.constant(1);
    Size[] given = x.sizes();
    if (target.size() > given.length) {
      throw new Unsupported("it adds axes in front of the batch");
    }
    Size[] sizes = given.clone();
    boolean same = true;
    for (int i = 0; i < target.size(); i++) {
      int axis = i + given.length - target.size();
      Size asked = target.whole(i);
      boolean keeps =
          asked.equals(Size.of(1)) || asked.equals(Size.of(-1)) || asked.equals(given[axis]);
      boolean batch =
          axis == x.batchAxis()
              && asked.isPlain()
              && asked.plain() == step.translation().fixedBatch() * x.merged();
      if (!keeps && !batch) {
        sizes[axis] = asked;
        same = false;
      }
    }
    if (same) {
      step.give(x);
      return;
    }
    Activation map = step.map(0);
    boolean single = map.shape().positions() == 1;
    if (!single || !sizes[1].equals(given[1]) || !sizes[0].equals(given[0])) {
      throw new Unsupported("only feature maps of one pixel can be expanded");
    }
    Size2d size = new Size2d(Window.small(sizes[2].plain()), Window.small(sizes[3].plain()));
    step.give(
        step.apply(
            new SpatialOp.Interpolate(size, SpatialOp.Interpolate.Mode.NEAREST, false), map));
  }

  /** A constant repeated for every sample: a class token. */
  static void expandConstant(Step step) throws IOException {
    Constant value = step.constant(0);
    Constant target = step.constant(1);
    int batch = -1;
    int[] sizes = new int[target.size()];
    for (int i = 0; i < sizes.length; i++) {
      Size size = target.whole(i);
      if (!size.isPlain()) {
        if (batch >= 0 || !size.equals(Size.batches(1))) {
          throw new Unsupported("it repeats a constant in a way that depends on the samples");
        }
        batch = i;
        sizes[i] = 1;
      } else {
        sizes[i] = Window.small(size.plain());
      }
    }
    int axis = value.rank() - sizes.length + batch;
    if (!value.isFloat() || value.rank() > sizes.length || (axis >= 0 && value.dim(axis) != 1)) {
      throw new Unsupported("its constant differs from sample to sample");
    }
    Constant spread = step.translation().folding().expand(value, sizes);
    List<Integer> dims = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      if (i != batch) {
        dims.add(spread.dim(i));
      }
    }
    Shape shape = new Shape(dims);
    String node = step.parameter(step.node().input(0), spread, shape, Role.EMBEDDING);
    step.give(new Activation(node, shape, batch, 0, 0));
  }

  private static List<Integer> reduced(Step step, Activation x) throws IOException {
    long[] axes = axes(step);
    if (axes == null || axes.length == 0) {
      throw new Unsupported("it works along the batch");
    }
    List<Integer> ours = new ArrayList<>();
    for (long axis : axes) {
      ours.add(x.axis(axis));
    }
    return ours;
  }

  private static void mean(Step step) throws IOException {
    Activation x = step.activation(0);
    List<Integer> axes = reduced(step, x);
    boolean keeps = step.node().integer("keepdims", 1) != 0;
    String name =
        step.parts()
            .add(Title.of(step.node().label()), new ShapeOp.Mean(axes, keeps), List.of(x.node()));
    Shape shape = step.parts().shape(name);
    long before = keeps ? 0 : axes.stream().filter(axis -> axis < x.at()).count();
    step.give(new Activation(name, shape, x.at() - (int) before, x.left(), x.right()));
  }

  private static void largest(Step step) throws IOException {
    Activation x = step.map(0);
    List<Integer> axes = reduced(step, x).stream().sorted().toList();
    if (!axes.equals(SpatialOperators.rowsAndColumns())) {
      throw new Unsupported("only the largest of all pixels of a feature map is supported");
    }
    Activation pooled = step.apply(new SpatialOp.AdaptiveMaxPool2d(Size2d.ONE), x);
    step.give(
        step.node().integer("keepdims", 1) != 0 ? pooled : step.apply(new Op.Flatten(), pooled));
  }
}
