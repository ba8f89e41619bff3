package io.prunegrid.runtime;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.TokenOp;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Native calls for the families of operators; see {@link Kernels} for who owns a result. */
final class FamilyKernels {
  private FamilyKernels() {}

  static PtNDArray apply(
      Node node, ElementOp op, PtNDArray[] inputs, Map<String, PtNDArray> parameters) {
    PtNDArray x = inputs[0];
    if (op instanceof ElementOp.Activation activation) {
      return activation(x, activation);
    } else if (op instanceof ElementOp.Scale scale) {
      return scaled(x, scale.factor(), scale.shift());
    } else if (op instanceof ElementOp.Clip clip) {
      return JniUtils.clip(x, clip.low(), clip.high());
    } else if (op instanceof ElementOp.Softmax softmax) {
      return softmax.output() == ElementOp.Softmax.Output.PROBABILITY
          ? JniUtils.softmax(x, softmax.axis() + 1, DataType.FLOAT32)
          : JniUtils.logSoftmax(x, softmax.axis() + 1, DataType.FLOAT32);
    } else if (op instanceof ElementOp.Arithmetic arithmetic) {
      return switch (arithmetic.operation()) {
        case SUBTRACT -> JniUtils.sub(x, inputs[1]);
        case MULTIPLY -> JniUtils.mul(x, inputs[1]);
        case DIVIDE -> JniUtils.div(x, inputs[1]);
      };
    } else if (op instanceof ElementOp.PRelu relu) {
      return prelu(x, parameters.get(node.parameterName("weight")), relu);
    }
    throw new IllegalArgumentException("the runtime has no kernel for node '" + node.name() + "'");
  }

  private static PtNDArray activation(PtNDArray x, ElementOp.Activation op) {
    return switch (op.function()) {
      case RELU6 -> JniUtils.clip(x, 0, 6);
      case LEAKY_RELU -> JniUtils.leakyRelu(x, op.parameter());
      case ELU -> JniUtils.elu(x, op.parameter());
      case GELU -> JniUtils.gelu(x);
      case GELU_TANH -> tanhGelu(x);
      case SILU -> timesX(x, JniUtils::sigmoid);
      case HARDSWISH -> timesX(x, FamilyKernels::hardSigmoid);
      case HARDSIGMOID -> hardSigmoid(x);
      case SIGMOID -> JniUtils.sigmoid(x);
      case TANH -> JniUtils.tanh(x);
    };
  }

  private static PtNDArray timesX(PtNDArray x, UnaryOperator<PtNDArray> function) {
    try (PtNDArray factor = function.apply(x)) {
      return JniUtils.mul(x, factor);
    }
  }

  private static PtNDArray hardSigmoid(PtNDArray x) {
    try (PtNDArray shifted = scaled(x, 1, 3);
        PtNDArray clipped = JniUtils.clip(shifted, 0, 6)) {
      return scaled(clipped, 1.0 / 6, 0);
    }
  }

  private static PtNDArray tanhGelu(PtNDArray x) {
    try (PtNDArray square = JniUtils.mul(x, x);
        PtNDArray factor = scaled(square, 0.044715, 1);
        PtNDArray cubic = JniUtils.mul(x, factor);
        PtNDArray inner = scaled(cubic, Math.sqrt(2 / Math.PI), 0);
        PtNDArray bent = JniUtils.tanh(inner);
        PtNDArray half = scaled(bent, 0.5, 0.5)) {
      return JniUtils.mul(x, half);
    }
  }

  private static PtNDArray scaled(PtNDArray x, double factor, double shift) {
    try (PtNDArray scalar = Staging.scalar(x.getManager(), factor)) {
      PtNDArray product = JniUtils.mul(x, scalar);
      if (shift == 0) {
        return product;
      }
      try (product;
          PtNDArray term = Staging.scalar(x.getManager(), shift)) {
        return JniUtils.add(product, term);
      }
    }
  }

  private static PtNDArray prelu(PtNDArray x, PtNDArray slopes, ElementOp.PRelu op) {
    long[] shape = new long[x.getShape().dimension() - 1];
    java.util.Arrays.fill(shape, 1);
    shape[0] = op.slopes();
    try (PtNDArray positive = JniUtils.relu(x);
        PtNDArray negative = JniUtils.sub(x, positive);
        PtNDArray factors = JniUtils.reshape(slopes, shape);
        PtNDArray bent = JniUtils.mul(negative, factors)) {
      return JniUtils.add(positive, bent);
    }
  }

  static PtNDArray apply(Node node, NormOp op, PtNDArray x, Map<String, PtNDArray> parameters) {
    PtNDArray weight = parameters.get(node.parameterName("weight"));
    PtNDArray bias = parameters.get(node.parameterName("bias"));
    if (op instanceof NormOp.LayerNorm norm) {
      long[] normalized = norm.normalized().toLongs();
      return layerNorm(x, normalized, weight, bias, norm.eps());
    }
    NormOp.GroupNorm norm = (NormOp.GroupNorm) op;
    long[] shape = x.getShape().getShape();
    long perGroup = x.size() / shape[0] / norm.groups();
    long[] perChannel = new long[shape.length - 1];
    java.util.Arrays.fill(perChannel, 1);
    perChannel[0] = norm.channels();
    try (PtNDArray grouped = JniUtils.reshape(x, new long[] {shape[0], norm.groups(), perGroup});
        PtNDArray even = layerNorm(grouped, new long[] {perGroup}, null, null, norm.eps());
        PtNDArray whole = JniUtils.reshape(even, shape);
        PtNDArray factors = JniUtils.reshape(weight, perChannel);
        PtNDArray shifts = JniUtils.reshape(bias, perChannel);
        PtNDArray wide = JniUtils.mul(whole, factors)) {
      return JniUtils.add(wide, shifts);
    }
  }

  private static PtNDArray layerNorm(
      PtNDArray x, long[] normalized, PtNDArray weight, PtNDArray bias, double eps) {
    if (weight != null) {
      return JniUtils.layerNorm(x, new Shape(normalized), weight, bias, eps);
    }
    try (PtNDArray ones = (PtNDArray) x.getManager().ones(new Shape(normalized), DataType.FLOAT32);
        PtNDArray zeros =
            (PtNDArray) x.getManager().zeros(new Shape(normalized), DataType.FLOAT32)) {
      return JniUtils.layerNorm(x, new Shape(normalized), ones, zeros, eps);
    }
  }

  static PtNDArray apply(Node node, SpatialOp op, PtNDArray x, Map<String, PtNDArray> parameters) {
    if (op instanceof SpatialOp.AvgPool2d pool) {
      return Resampling.averagePool(x, pool);
    } else if (op instanceof SpatialOp.AdaptiveMaxPool2d pool) {
      return JniUtils.adaptiveMaxPool(x, shape(pool.output()));
    } else if (op instanceof SpatialOp.Pad2d pad) {
      long[] sides = {pad.left(), pad.right(), pad.top(), pad.bottom()};
      return JniUtils.pad(x, sides, pad.value());
    } else if (op instanceof SpatialOp.Interpolate interpolate) {
      return Resampling.interpolate(x, interpolate);
    }
    return transposedConvolution(
        x,
        parameters.get(node.parameterName("weight")),
        parameters.get(node.parameterName("bias")),
        (SpatialOp.ConvTranspose2d) op);
  }

  /** A plain convolution of the input spread out with zeros, by the weights turned round. */
  private static PtNDArray transposedConvolution(
      PtNDArray x, PtNDArray weight, PtNDArray bias, SpatialOp.ConvTranspose2d op) {
    long[] in = x.getShape().getShape();
    Size2d stride = op.stride();
    int groups = op.groups();
    long[] kernel = {op.kernel().height(), op.kernel().width()};
    int top = op.dilation().height() * (op.kernel().height() - 1) - op.padding().height();
    int left = op.dilation().width() * (op.kernel().width() - 1) - op.padding().width();
    long[] sides = {
      left,
      left + op.outputPadding().width() - (stride.width() - 1),
      top,
      top + op.outputPadding().height() - (stride.height() - 1)
    };
    try (PtNDArray apart = JniUtils.reshape(x, new long[] {in[0], in[1], in[2], 1, in[3], 1});
        PtNDArray spread =
            JniUtils.pad(
                apart, new long[] {0, stride.width() - 1, 0, 0, 0, stride.height() - 1}, 0);
        PtNDArray map =
            JniUtils.reshape(
                spread,
                new long[] {in[0], in[1], in[2] * stride.height(), in[3] * stride.width()});
        PtNDArray padded = JniUtils.pad(map, sides, 0);
        PtNDArray turned = JniUtils.flip(weight, new long[] {2, 3});
        PtNDArray grouped =
            JniUtils.reshape(
                turned,
                new long[] {groups, op.in() / groups, op.out() / groups, kernel[0], kernel[1]});
        PtNDArray swapped = JniUtils.transpose(grouped, 1, 2);
        PtNDArray forward =
            JniUtils.reshape(
                swapped, new long[] {op.out(), op.in() / groups, kernel[0], kernel[1]})) {
      return JniUtils.convolution(
          padded, forward, bias, new Shape(1, 1), new Shape(0, 0), shape(op.dilation()), groups);
    }
  }

  static PtNDArray apply(ShapeOp op, PtNDArray x) {
    if (op instanceof ShapeOp.Reshape reshape) {
      return JniUtils.reshape(x, batched(x, reshape.shape().toLongs()));
    } else if (op instanceof ShapeOp.Transpose transpose) {
      long[] order = new long[transpose.order().size() + 1];
      for (int i = 1; i < order.length; i++) {
        order[i] = transpose.order().get(i - 1) + 1L;
      }
      return JniUtils.permute(x, order);
    } else if (op instanceof ShapeOp.Slice slice) {
      return JniUtils.slice(x, slice.axis() + 1L, slice.start(), slice.end(), slice.step());
    } else if (op instanceof ShapeOp.Mean mean) {
      return mean(x, mean);
    }
    int[] sources = ((ShapeOp.ChannelShuffle) op).sources(Math.toIntExact(x.getShape().get(1)));
    return Kernels.selectChannels(x, java.util.Arrays.stream(sources).boxed().toList());
  }

  private static PtNDArray mean(PtNDArray x, ShapeOp.Mean op) {
    List<Integer> axes = op.axes();
    PtNDArray mean = JniUtils.mean(x, axes.get(axes.size() - 1) + 1L, op.keeps());
    for (int i = axes.size() - 2; i >= 0; i--) {
      try (PtNDArray partial = mean) {
        mean = JniUtils.mean(partial, axes.get(i) + 1L, op.keeps());
      }
    }
    return mean;
  }

  static PtNDArray attention(
      Node node,
      TokenOp.MultiHeadAttention op,
      PtNDArray[] inputs,
      Map<String, PtNDArray> parameters) {
    PtNDArray weight = parameters.get(node.parameterName("in_proj_weight"));
    PtNDArray bias = parameters.get(node.parameterName("in_proj_bias"));
    Function<Integer, PtNDArray> head = part -> projected(inputs[part], weight, bias, part, op);
    int width = op.width();
    double scale = 1 / Math.sqrt((double) width / op.heads());
    try (PtNDArray query = head.apply(0);
        PtNDArray key = head.apply(1);
        PtNDArray value = head.apply(2);
        PtNDArray turned = JniUtils.transpose(key, 2, 3);
        PtNDArray products = JniUtils.matmul(query, turned);
        PtNDArray logits = scaled(products, scale, 0);
        PtNDArray attention = JniUtils.softmax(logits, 3, DataType.FLOAT32);
        PtNDArray mixed = JniUtils.matmul(attention, value);
        PtNDArray beside = JniUtils.permute(mixed, new long[] {0, 2, 1, 3});
        PtNDArray joined = JniUtils.reshape(beside, inputs[0].getShape().getShape())) {
      return JniUtils.linear(
          joined,
          parameters.get(node.parameterName("out_proj.weight")),
          parameters.get(node.parameterName("out_proj.bias")));
    }
  }

  /** {@code (n, heads, position, channel of a head)}. */
  private static PtNDArray projected(
      PtNDArray x, PtNDArray weight, PtNDArray bias, int part, TokenOp.MultiHeadAttention op) {
    long from = (long) part * op.width();
    long[] shape = x.getShape().getShape();
    long[] split = {shape[0], shape[1], op.heads(), op.width() / op.heads()};
    PtNDArray shift = bias == null ? null : JniUtils.slice(bias, 0, from, from + op.width(), 1);
    try (shift;
        PtNDArray rows = JniUtils.slice(weight, 0, from, from + op.width(), 1);
        PtNDArray product = JniUtils.linear(x, rows, shift);
        PtNDArray apart = JniUtils.reshape(product, split)) {
      return JniUtils.permute(apart, new long[] {0, 2, 1, 3});
    }
  }

  private static long[] batched(PtNDArray x, long[] shape) {
    long[] batched = new long[shape.length + 1];
    batched[0] = x.getShape().get(0);
    System.arraycopy(shape, 0, batched, 1, shape.length);
    return batched;
  }

  private static Shape shape(Size2d size) {
    return new Shape(size.height(), size.width());
  }
}
