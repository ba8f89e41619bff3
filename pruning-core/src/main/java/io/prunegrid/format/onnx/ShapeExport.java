package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.OnnxWriter.Attributes;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import java.util.ArrayList;
import java.util.List;

/** Operators that rearrange, leave out, put side by side or average elements. */
final class ShapeExport {
  private ShapeExport() {}

  static String translate(Exported step, Op op) {
    String x = step.in(0);
    if (op instanceof Op.Concat concat) {
      return concat(step, concat);
    } else if (op instanceof Op.Flatten) {
      return step.last("Flatten", new Attributes().integer("axis", 1), x);
    } else if (op instanceof Op.Subsample2d subsample) {
      return step.last(
          "Slice",
          x,
          step.list("starts", 0, 0),
          step.list("ends", Integer.MAX_VALUE, Integer.MAX_VALUE),
          step.list("axes", 2, 3),
          step.list("steps", subsample.stride(), subsample.stride()));
    } else if (op instanceof Op.PadChannels pad) {
      int rank = step.shape().rank() + 1;
      long[] pads = new long[2 * rank];
      pads[1] = pad.before();
      pads[rank + 1] = pad.after();
      return step.last("Pad", x, step.list("pads", pads));
    } else if (op instanceof Op.SelectChannels select) {
      long[] channels = select.channels().stream().mapToLong(Integer::longValue).toArray();
      return step.last(
          "Gather", new Attributes().integer("axis", 1), x, step.list("channels", channels));
    }
    throw new IllegalArgumentException(
        "node '"
            + step.node().name()
            + "': "
            + op.getClass().getSimpleName()
            + " cannot be written to ONNX");
  }

  static String translate(Exported step, ShapeOp op) {
    String x = step.in(0);
    if (op instanceof ShapeOp.Reshape) {
      return step.last("Reshape", x, step.batched("shape", step.shape()));
    } else if (op instanceof ShapeOp.Transpose transpose) {
      long[] order = new long[transpose.order().size() + 1];
      for (int i = 1; i < order.length; i++) {
        order[i] = transpose.order().get(i - 1) + 1L;
      }
      return step.last("Transpose", new Attributes().integers("perm", order), x);
    } else if (op instanceof ShapeOp.Slice slice) {
      return step.last(
          "Slice",
          x,
          step.list("starts", slice.start()),
          step.list("ends", slice.end()),
          step.list("axes", slice.axis() + 1L),
          step.list("steps", slice.step()));
    } else if (op instanceof ShapeOp.Mean mean) {
      long[] axes = mean.axes().stream().mapToLong(axis -> axis + 1L).toArray();
      return step.last(
          "ReduceMean",
          new Attributes().integers("axes", axes).integer("keepdims", mean.keeps() ? 1 : 0),
          x);
    }
    ShapeOp.ChannelShuffle shuffle = (ShapeOp.ChannelShuffle) op;
    return shuffle(step, shuffle.groups());
  }

  private static String shuffle(Exported step, int groups) {
    Shape shape = step.shape();
    List<Integer> dims = new ArrayList<>(shape.dims());
    dims.set(0, groups);
    dims.add(1, shape.channels() / groups);
    String grouped =
        step.between(
            "Reshape", "grouped", step.in(0), step.batched("grouped_shape", new Shape(dims)));
    long[] order = new long[dims.size() + 1];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    order[1] = 2;
    order[2] = 1;
    String turned =
        step.between("Transpose", "turned", new Attributes().integers("perm", order), grouped);
    return step.last("Reshape", turned, step.batched("shape", shape));
  }

  /** What is the same for every sample is repeated for each where it stands beside others. */
  private static String concat(Exported step, Op.Concat op) {
    List<String> inputs = step.node().inputs();
    int varying = -1;
    for (int i = 0; i < inputs.size(); i++) {
      varying = step.single().contains(inputs.get(i)) ? varying : i;
    }
    String[] from = new String[inputs.size()];
    for (int i = 0; i < from.length; i++) {
      boolean repeats = varying >= 0 && step.single().contains(inputs.get(i));
      from[i] = repeats ? repeated(step, i, varying) : step.in(i);
    }
    return step.last("Concat", new Attributes().integer("axis", op.axis() + 1L), from);
  }

  private static String repeated(Exported step, int index, int varying) {
    String batch = batch(step, varying);
    String sizes =
        step.between(
            "Concat",
            "repeated_shape",
            new Attributes().integer("axis", 0),
            batch,
            step.list("repeated_sizes", step.inputShape(index).toLongs()));
    return step.between("Expand", "repeated", step.in(index), sizes);
  }

  /** The size of the batch, as a list of one. */
  static String batch(Exported step, int index) {
    String sizes = step.between("Shape", "sizes", step.in(index));
    return step.between(
        "Slice",
        "batch",
        sizes,
        step.list("first", 0),
        step.list("second", 1),
        step.list("axis", 0));
  }
}
