package io.prunegrid.graph;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Operators that rearrange, leave out or average elements. Axes are counted without the batch. */
public sealed interface ShapeOp extends Op {
  /** The same elements, row-major, in another shape. */
  record Reshape(Shape shape) implements ShapeOp {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      if (x.size() != shape.size()) {
        throw new IllegalArgumentException("cannot give " + x + " the shape " + shape);
      }
      return shape;
    }
  }

  /** Axis {@code i} of the output is axis {@code order[i]} of the input. */
  record Transpose(List<Integer> order) implements ShapeOp {
    public Transpose {
      order = List.copyOf(order);
      Set<Integer> expected = new TreeSet<>(IntStream.range(0, order.size()).boxed().toList());
      if (!new TreeSet<>(order).equals(expected)) {
        throw new IllegalArgumentException("is no order of axes: " + order);
      }
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      if (x.rank() != order.size()) {
        throw new IllegalArgumentException("reorders " + order.size() + " axes, found " + x);
      }
      return new Shape(order.stream().map(x::dim).toList());
    }
  }

  /** Elements {@code start, start + step, ...} before {@code end} of one axis. */
  record Slice(int axis, int start, int end, int step) implements ShapeOp {
    public Slice {
      if (start < 0 || end <= start || step < 1) {
        throw new IllegalArgumentException(
            "a slice needs 0 <= start < end and a step of at least 1, found "
                + List.of(start, end, step));
      }
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      Shapes.expectAxis(x, axis);
      if (end > x.dim(axis)) {
        throw new IllegalArgumentException("ends at " + end + " of " + x.dim(axis));
      }
      return x.withDim(axis, Shapes.ceilDiv(end - start, step));
    }
  }

  /**
   * Mean over some axes.
   *
   * @param keeps whether these axes stay, with size 1
   */
  record Mean(List<Integer> axes, boolean keeps) implements ShapeOp {
    public Mean {
      axes = axes.stream().sorted().toList();
      if (axes.isEmpty() || new HashSet<>(axes).size() < axes.size()) {
        throw new IllegalArgumentException("needs axes, each once, found " + axes);
      }
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      axes.forEach(axis -> Shapes.expectAxis(x, axis));
      return new Shape(
          IntStream.range(0, x.rank())
              .filter(axis -> keeps || !axes.contains(axis))
              .map(axis -> axes.contains(axis) ? 1 : x.dim(axis))
              .boxed()
              .toList());
    }
  }

  /**
   * Channel {@code j groups + g} of the output is channel {@code g size + j} of the input, with
   * {@code size} the channels of a group (Zhang, Zhou, Lin, Sun, ShuffleNet, CVPR 2018).
   */
  record ChannelShuffle(int groups) implements ShapeOp {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      if (groups < 1 || x.channels() % groups != 0) {
        throw new IllegalArgumentException(x + " cannot be shuffled in " + groups + " groups");
      }
      return x;
    }

    /** The input channel at each output channel. */
    public int[] sources(int channels) {
      int size = channels / groups;
      return IntStream.range(0, channels).map(c -> (c % groups) * size + c / groups).toArray();
    }
  }
}
