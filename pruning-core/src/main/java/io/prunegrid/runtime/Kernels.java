package io.prunegrid.runtime;

import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.TokenOp;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One native call for one operator. A result belongs to the manager of the first operand, so
 * activations, which a step's manager owns, always come first.
 */
final class Kernels {
  private Kernels() {}

  static PtNDArray upload(PtNDManager manager, Tensor tensor) {
    return Staging.floats(manager, tensor.asBuffer(), tensor.shape().toLongs());
  }

  static PtNDArray upload(PtNDManager manager, float[] values, long... shape) {
    return Staging.floats(manager, FloatBuffer.wrap(values), shape);
  }

  static PtNDArray convolution(PtNDArray x, PtNDArray weight, PtNDArray bias, Op.Conv2d op) {
    return JniUtils.convolution(
        x,
        weight,
        bias,
        shape(op.stride()),
        shape(op.padding()),
        shape(op.dilation()),
        op.groups());
  }

  static PtNDArray maxPool(PtNDArray x, Op.MaxPool2d op) {
    return JniUtils.maxPool(
        x, shape(op.kernel()), shape(op.stride()), shape(op.padding()), op.ceil());
  }

  static PtNDArray adaptiveAvgPool(PtNDArray x, Op.AdaptiveAvgPool2d op) {
    return JniUtils.adaptiveAvgPool(x, shape(op.output()));
  }

  static PtNDArray subsample(PtNDArray x, int stride) {
    PtNDArray rows = JniUtils.slice(x, 2, 0, Long.MAX_VALUE, stride);
    try (rows) {
      return JniUtils.slice(rows, 3, 0, Long.MAX_VALUE, stride);
    }
  }

  static PtNDArray padChannels(PtNDArray x, Op.PadChannels op) {
    int after = 2 * (x.getShape().dimension() - 2);
    long[] pads = new long[after + 2];
    pads[after] = op.before();
    pads[after + 1] = op.after();
    return JniUtils.pad(x, pads, 0);
  }

  static PtNDArray selectChannels(PtNDArray x, List<Integer> channels) {
    int[] positions = channels.stream().mapToInt(Integer::intValue).toArray();
    int n = positions.length;
    try (PtNDArray picked = Staging.longs(x.getManager(), positions, n, n)) {
      return JniUtils.indexAdv(x, new NDIndex(":, {}", picked), x.getManager());
    }
  }

  /** What is the same for every sample of the batch is repeated for each where it stands beside. */
  static PtNDArray concat(PtNDArray[] inputs, int dimension) {
    long n = 1;
    for (PtNDArray input : inputs) {
      n = Math.max(n, input.getShape().get(0));
    }
    List<PtNDArray> repeated = new ArrayList<>();
    PtNDArray[] whole = inputs.clone();
    for (int i = 0; i < inputs.length; i++) {
      long[] shape = inputs[i].getShape().getShape();
      if (shape[0] < n) {
        shape[0] = n;
        whole[i] = JniUtils.broadcast(inputs[i], new Shape(shape));
        repeated.add(whole[i]);
      }
    }
    PtNDArray joined = JniUtils.cat(whole, dimension);
    repeated.forEach(PtNDArray::close);
    return joined;
  }

  /**
   * A bare parameter as one sample of an activation, owned by the step.
   *
   * @param input the step's input, whose manager is the step's
   */
  static PtNDArray bare(Node node, PtNDArray input, Map<String, PtNDArray> parameters) {
    long[] shape = ((TokenOp.Parameter) node.op()).shape().toLongs();
    long[] batched = new long[shape.length + 1];
    batched[0] = 1;
    System.arraycopy(shape, 0, batched, 1, shape.length);
    PtNDArray view = JniUtils.reshape(parameters.get(node.parameterName("")), batched);
    view.attach(input.getManager());
    return view;
  }

  /** Negative log-likelihood of each row's label: {@code (n, 1)} from logits {@code (n, k)}. */
  static PtNDArray crossEntropies(PtNDArray logits, int[] labels, int n) {
    int classes = (int) logits.getShape().get(1);
    for (int i = 0; i < n; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "label " + labels[i] + " of image " + i + " is none of " + classes + " outputs");
      }
    }
    try (PtNDArray probabilities = JniUtils.logSoftmax(logits, 1, DataType.FLOAT32);
        PtNDArray index = Staging.longs(logits.getManager(), labels, n, n, 1);
        PtNDArray picked = JniUtils.gather(probabilities, index, 1)) {
      return JniUtils.neg(picked);
    }
  }

  private static Shape shape(Size2d size) {
    return new Shape(size.height(), size.width());
  }
}
