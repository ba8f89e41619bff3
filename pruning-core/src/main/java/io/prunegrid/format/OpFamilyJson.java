package io.prunegrid.format;

import static io.prunegrid.format.OpJson.MAX_CHANNELS;
import static io.prunegrid.format.OpJson.MAX_WINDOW;
import static io.prunegrid.format.OpJson.integers;
import static io.prunegrid.format.OpJson.kind;
import static io.prunegrid.format.OpJson.size;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.TokenOp;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The families of operators as JSON, see {@link OpJson}. */
final class OpFamilyJson {
  private static final int MAX_AXIS = 15;

  private OpFamilyJson() {}

  /** Adds an operator's kind and attributes to its node's object; false for other operators. */
  static boolean write(Op op, ObjectNode to) {
    if (op instanceof ElementOp element) {
      write(element, to);
    } else if (op instanceof NormOp norm) {
      write(norm, to);
    } else if (op instanceof SpatialOp spatial) {
      write(spatial, to);
    } else if (op instanceof ShapeOp shape) {
      write(shape, to);
    } else if (op instanceof TokenOp token) {
      write(token, to);
    } else {
      return false;
    }
    return true;
  }

  private static void write(ElementOp op, ObjectNode to) {
    if (op instanceof ElementOp.Activation activation) {
      kind(to, "activation").put("function", word(activation.function()));
      to.put("parameter", activation.parameter());
    } else if (op instanceof ElementOp.Scale scale) {
      kind(to, "scale").put("factor", scale.factor()).put("shift", scale.shift());
    } else if (op instanceof ElementOp.Clip clip) {
      kind(to, "clip");
      if (Double.isFinite(clip.low())) {
        to.put("low", clip.low());
      }
      if (Double.isFinite(clip.high())) {
        to.put("high", clip.high());
      }
    } else if (op instanceof ElementOp.PRelu relu) {
      kind(to, "prelu").put("slopes", relu.slopes());
    } else if (op instanceof ElementOp.Softmax softmax) {
      kind(to, "softmax").put("axis", softmax.axis()).put("output", word(softmax.output()));
    } else if (op instanceof ElementOp.Arithmetic arithmetic) {
      kind(to, "arithmetic").put("operation", word(arithmetic.operation()));
    } else if (op instanceof ElementOp.StochasticDepth depth) {
      kind(to, "stochastic-depth").put("p", depth.p());
    }
  }

  private static void write(NormOp op, ObjectNode to) {
    if (op instanceof NormOp.LayerNorm norm) {
      kind(to, "layer-norm").put("eps", norm.eps()).put("affine", norm.affine());
      integers(to, "normalized", norm.normalized().dims());
    } else if (op instanceof NormOp.GroupNorm norm) {
      kind(to, "group-norm")
          .put("groups", norm.groups())
          .put("channels", norm.channels())
          .put("eps", norm.eps());
    }
  }

  private static void write(SpatialOp op, ObjectNode to) {
    if (op instanceof SpatialOp.ConvTranspose2d conv) {
      kind(to, "conv-transpose2d").put("in", conv.in()).put("out", conv.out());
      size(to, "kernel", conv.kernel());
      size(to, "stride", conv.stride());
      size(to, "padding", conv.padding());
      size(to, "output-padding", conv.outputPadding());
      size(to, "dilation", conv.dilation());
      to.put("groups", conv.groups()).put("bias", conv.bias());
    } else if (op instanceof SpatialOp.AvgPool2d pool) {
      kind(to, "avg-pool2d");
      size(to, "kernel", pool.kernel());
      size(to, "stride", pool.stride());
      size(to, "padding", pool.padding());
      to.put("ceil", pool.ceil()).put("counts-padding", pool.countsPadding());
    } else if (op instanceof SpatialOp.AdaptiveMaxPool2d pool) {
      kind(to, "adaptive-max-pool2d");
      size(to, "output", pool.output());
    } else if (op instanceof SpatialOp.Interpolate interpolate) {
      kind(to, "interpolate").put("mode", word(interpolate.mode()));
      size(to, "output", interpolate.output());
      to.put("aligns-corners", interpolate.alignsCorners());
    } else if (op instanceof SpatialOp.Pad2d pad) {
      kind(to, "pad2d")
          .put("top", pad.top())
          .put("bottom", pad.bottom())
          .put("left", pad.left())
          .put("right", pad.right())
          .put("value", pad.value());
    }
  }

  private static void write(ShapeOp op, ObjectNode to) {
    if (op instanceof ShapeOp.Reshape reshape) {
      kind(to, "reshape");
      integers(to, "shape", reshape.shape().dims());
    } else if (op instanceof ShapeOp.Transpose transpose) {
      kind(to, "transpose");
      integers(to, "order", transpose.order());
    } else if (op instanceof ShapeOp.Slice slice) {
      kind(to, "slice")
          .put("axis", slice.axis())
          .put("start", slice.start())
          .put("end", slice.end())
          .put("step", slice.step());
    } else if (op instanceof ShapeOp.Mean mean) {
      kind(to, "mean").put("keeps", mean.keeps());
      integers(to, "axes", mean.axes());
    } else if (op instanceof ShapeOp.ChannelShuffle shuffle) {
      kind(to, "channel-shuffle").put("groups", shuffle.groups());
    }
  }

  private static void write(TokenOp op, ObjectNode to) {
    if (op instanceof TokenOp.Parameter parameter) {
      kind(to, "parameter").put("role", word(parameter.role()));
      integers(to, "shape", parameter.shape().dims());
      integers(to, "stored", parameter.stored().dims());
    } else if (op instanceof TokenOp.MultiHeadAttention attention) {
      kind(to, "multi-head-attention")
          .put("width", attention.width())
          .put("heads", attention.heads())
          .put("bias", attention.bias());
    } else if (op instanceof TokenOp.MatMul) {
      kind(to, "matmul");
    }
  }

  /** The operator of a kind that is none of the core's. */
  static Op read(String kind, JsonFields from) throws Malformed {
    return switch (kind) {
      case "activation" ->
          new ElementOp.Activation(
              constant(ElementOp.Function.values(), from, "function"), from.real("parameter"));
      case "scale" -> new ElementOp.Scale(from.real("factor"), from.real("shift"));
      case "clip" ->
          new ElementOp.Clip(
              from.has("low") ? from.real("low") : Double.NEGATIVE_INFINITY,
              from.has("high") ? from.real("high") : Double.POSITIVE_INFINITY);
      case "prelu" -> new ElementOp.PRelu(from.integer("slopes", 1, MAX_CHANNELS));
      case "softmax" ->
          new ElementOp.Softmax(
              axis(from), constant(ElementOp.Softmax.Output.values(), from, "output"));
      case "arithmetic" ->
          new ElementOp.Arithmetic(constant(ElementOp.Operation.values(), from, "operation"));
      case "stochastic-depth" -> new ElementOp.StochasticDepth(from.number("p"));
      case "layer-norm" ->
          new NormOp.LayerNorm(shape(from, "normalized"), from.number("eps"), from.flag("affine"));
      case "group-norm" ->
          new NormOp.GroupNorm(
              from.integer("groups", 1, MAX_CHANNELS),
              from.integer("channels", 1, MAX_CHANNELS),
              from.number("eps"));
      case "conv-transpose2d" ->
          new SpatialOp.ConvTranspose2d(
              from.integer("in", 1, MAX_CHANNELS),
              from.integer("out", 1, MAX_CHANNELS),
              size(from, "kernel", 1),
              size(from, "stride", 1),
              size(from, "padding", 0),
              size(from, "output-padding", 0),
              size(from, "dilation", 1),
              from.integer("groups", 1, MAX_CHANNELS),
              from.flag("bias"));
      case "avg-pool2d" ->
          new SpatialOp.AvgPool2d(
              size(from, "kernel", 1),
              size(from, "stride", 1),
              size(from, "padding", 0),
              from.flag("ceil"),
              from.flag("counts-padding"));
      case "adaptive-max-pool2d" -> new SpatialOp.AdaptiveMaxPool2d(size(from, "output", 1));
      case "interpolate" ->
          new SpatialOp.Interpolate(
              size(from, "output", 1),
              constant(SpatialOp.Interpolate.Mode.values(), from, "mode"),
              from.flag("aligns-corners"));
      case "pad2d" ->
          new SpatialOp.Pad2d(
              from.integer("top", 0, MAX_WINDOW),
              from.integer("bottom", 0, MAX_WINDOW),
              from.integer("left", 0, MAX_WINDOW),
              from.integer("right", 0, MAX_WINDOW),
              from.real("value"));
      case "reshape" -> new ShapeOp.Reshape(shape(from, "shape"));
      case "transpose" -> new ShapeOp.Transpose(from.integers("order", 0, MAX_AXIS));
      case "slice" ->
          new ShapeOp.Slice(
              axis(from),
              from.integer("start", 0, MAX_CHANNELS),
              from.integer("end", 1, MAX_CHANNELS),
              from.integer("step", 1, MAX_CHANNELS));
      case "mean" -> new ShapeOp.Mean(from.integers("axes", 0, MAX_AXIS), from.flag("keeps"));
      case "channel-shuffle" -> new ShapeOp.ChannelShuffle(from.integer("groups", 1, MAX_CHANNELS));
      case "parameter" -> parameter(from);
      case "multi-head-attention" ->
          new TokenOp.MultiHeadAttention(
              from.integer("width", 1, MAX_CHANNELS),
              from.integer("heads", 1, MAX_CHANNELS),
              from.flag("bias"));
      case "matmul" -> new TokenOp.MatMul();
      default -> throw new Malformed("has the unknown operator " + Malformed.quote(kind));
    };
  }

  private static TokenOp.Parameter parameter(JsonFields from) throws Malformed {
    return new TokenOp.Parameter(
        shape(from, "shape"),
        shape(from, "stored"),
        constant(new Role[] {Role.EMBEDDING, Role.LAYER_SCALE}, from, "role"));
  }

  private static int axis(JsonFields from) throws Malformed {
    return from.integer("axis", 0, MAX_AXIS);
  }

  private static Shape shape(JsonFields from, String key) throws Malformed {
    return new Shape(from.integers(key, 1, MAX_CHANNELS));
  }

  private static <E extends Enum<E>> E constant(E[] known, JsonFields from, String key)
      throws Malformed {
    String found = from.text(key);
    List<String> words = Arrays.stream(known).map(OpFamilyJson::word).toList();
    int index = words.indexOf(found);
    if (index < 0) {
      throw new Malformed(
          "has the " + key + " " + Malformed.quote(found) + ", expected one of " + words);
    }
    return known[index];
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
