package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.OnnxWriter.Attributes;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.TokenOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Layers: what owns weights and mixes or normalizes channels. */
final class LayerExport {
  private LayerExport() {}

  static String convolution(Exported step, Op.Conv2d op) {
    long height = op.padding().height();
    long width = op.padding().width();
    Attributes attributes =
        new Attributes()
            .integers("kernel_shape", op.kernel().height(), op.kernel().width())
            .integers("strides", op.stride().height(), op.stride().width())
            .integers("dilations", op.dilation().height(), op.dilation().width())
            .integers("pads", height, width, height, width)
            .integer("group", op.groups());
    return step.last("Conv", attributes, tensors(step, op.bias()));
  }

  /** The input, the weight, and the bias where there is one. */
  static String[] tensors(Exported step, boolean bias) {
    List<String> from = new ArrayList<>(List.of(step.in(0), step.parameter("weight")));
    if (bias) {
      from.add(step.parameter("bias"));
    }
    return from.toArray(String[]::new);
  }

  /** One product of matrices, whatever stands in front of the features. */
  static String linear(Exported step, Op.Linear op) {
    Attributes turned = new Attributes().integer("transB", 1);
    String[] from = tensors(step, op.bias());
    if (step.shape().rank() == 1) {
      return step.last("Gemm", turned, from);
    }
    from[0] = step.between("Reshape", "rows", from[0], step.list("rows_shape", -1, op.in()));
    String product = step.between("Gemm", "product", turned, from);
    return step.last("Reshape", product, open(step, "shape", step.shape()));
  }

  /** The sizes of a shape behind an open size, which is then the batch's. */
  private static String open(Exported step, String what, Shape shape) {
    long[] sizes = new long[shape.rank() + 1];
    sizes[0] = -1;
    System.arraycopy(shape.toLongs(), 0, sizes, 1, shape.rank());
    return step.list(what, sizes);
  }

  static String batchNorm(Exported step, Op.BatchNorm2d op) {
    return step.last(
        "BatchNormalization",
        new Attributes().real("epsilon", op.eps()).real("momentum", 1 - op.momentum()),
        step.in(0),
        step.parameter("weight"),
        step.parameter("bias"),
        step.parameter("running_mean"),
        step.parameter("running_var"));
  }

  static String translate(Exported step, NormOp op) {
    if (op instanceof NormOp.LayerNorm norm) {
      Attributes attributes =
          new Attributes().integer("axis", -norm.normalized().rank()).real("epsilon", norm.eps());
      if (norm.affine()) {
        return step.last(
            "LayerNormalization",
            attributes,
            step.in(0),
            step.parameter("weight"),
            step.parameter("bias"));
      }
      float[] ones = new float[Math.toIntExact(norm.normalized().size())];
      Arrays.fill(ones, 1);
      String scale =
          step.writer()
              .floats(step.node().name() + "/ones", ones, NormOperators.ints(norm.normalized()));
      return step.last("LayerNormalization", attributes, step.in(0), scale);
    }
    return groupNorm(step, (NormOp.GroupNorm) op);
  }

  /** Groups as the channels of an instance normalization, as PyTorch writes them. */
  private static String groupNorm(Exported step, NormOp.GroupNorm op) {
    int groups = op.groups();
    float[] ones = new float[groups];
    Arrays.fill(ones, 1);
    String name = step.node().name();
    String scale = step.writer().floats(name + "/ones", ones, groups);
    String shift = step.writer().floats(name + "/zeros", new float[groups], groups);
    String rows =
        step.between("Reshape", "groups", step.in(0), step.list("groups_shape", 0, groups, -1));
    String normal =
        step.between(
            "InstanceNormalization",
            "normal",
            new Attributes().real("epsilon", op.eps()),
            rows,
            scale,
            shift);
    String back =
        step.between("Reshape", "channels", normal, step.batched("channels_shape", step.shape()));
    String scaled =
        step.between("Mul", "scaled", back, ElementExport.perChannel(step, "weight", step.shape()));
    return step.last("Add", scaled, ElementExport.perChannel(step, "bias", step.shape()));
  }

  static String translate(Exported step, TokenOp op) {
    if (op instanceof TokenOp.MatMul) {
      return step.last("MatMul", step.in(0), step.in(1));
    } else if (op instanceof TokenOp.MultiHeadAttention attention) {
      return attention(step, attention);
    }
    TokenOp.Parameter bare = (TokenOp.Parameter) op;
    String stored = step.parameter("");
    int ones = bare.stored().rank() - bare.shape().rank();
    if (ones == 1) {
      return stored;
    }
    long[] sizes = new long[bare.shape().rank() + 1];
    sizes[0] = 1;
    System.arraycopy(bare.shape().toLongs(), 0, sizes, 1, bare.shape().rank());
    return step.last("Reshape", stored, step.list("shape", sizes));
  }

  private static String attention(Exported step, TokenOp.MultiHeadAttention op) {
    int width = op.width();
    int heads = op.heads();
    int each = width / heads;
    int length = step.shape().dim(0);
    boolean self = step.node().inputs().stream().distinct().count() == 1;
    String[] parts = self ? joint(step, op, length) : apart(step, op, length);
    String turned =
        step.between(
            "Transpose", "keys_turned", new Attributes().integers("perm", 0, 1, 3, 2), parts[1]);
    String products = step.between("MatMul", "products", parts[0], turned);
    String logits =
        step.between("Mul", "logits", products, step.number("scale", 1 / Math.sqrt(each)));
    String attention =
        step.between("Softmax", "attention", new Attributes().integer("axis", 3), logits);
    String mixed = step.between("MatMul", "mixed", attention, parts[2]);
    String beside =
        step.between("Transpose", "beside", new Attributes().integers("perm", 0, 2, 1, 3), mixed);
    String rows = step.between("Reshape", "rows", beside, step.list("rows_shape", -1, width));
    String result =
        step.between(
            "Gemm",
            "result",
            new Attributes().integer("transB", 1),
            biased(step, rows, "out_proj.weight", op.bias() ? "out_proj.bias" : null));
    return step.last("Reshape", result, open(step, "shape", step.shape()));
  }

  private static String[] biased(Exported step, String rows, String weight, String bias) {
    return bias == null
        ? new String[] {rows, step.parameter(weight)}
        : new String[] {rows, step.parameter(weight), step.parameter(bias)};
  }

  /**
   * Queries, keys and values of one input by one product: {@code (batch, head, place, channel)}.
   */
  private static String[] joint(Exported step, TokenOp.MultiHeadAttention op, int length) {
    String rows =
        step.between(
            "Reshape", "input_rows", step.in(0), step.list("input_rows_shape", -1, op.width()));
    String product =
        step.between(
            "Gemm",
            "projected",
            new Attributes().integer("transB", 1),
            biased(step, rows, "in_proj_weight", op.bias() ? "in_proj_bias" : null));
    String split =
        step.between(
            "Reshape",
            "split",
            product,
            step.list("split_shape", -1, length, 3, op.heads(), op.width() / op.heads()));
    String ordered =
        step.between(
            "Transpose", "ordered", new Attributes().integers("perm", 2, 0, 3, 1, 4), split);
    String[] parts = new String[3];
    for (int i = 0; i < 3; i++) {
      String index = step.writer().integers(step.node().name() + "/part", new long[] {i});
      parts[i] =
          step.between("Gather", "part_" + i, new Attributes().integer("axis", 0), ordered, index);
    }
    return parts;
  }

  private static String[] apart(Exported step, TokenOp.MultiHeadAttention op, int length) {
    String[] parts = new String[3];
    for (int i = 0; i < 3; i++) {
      long from = (long) i * op.width();
      String weight = rows(step, "in_proj_weight", i, from, from + op.width());
      List<String> tensors = new ArrayList<>();
      tensors.add(
          step.between(
              "Reshape",
              "input_rows_" + i,
              step.in(i),
              step.list("input_rows_shape", -1, op.width())));
      tensors.add(weight);
      if (op.bias()) {
        tensors.add(rows(step, "in_proj_bias", i, from, from + op.width()));
      }
      String product =
          step.between(
              "Gemm",
              "projected_" + i,
              new Attributes().integer("transB", 1),
              tensors.toArray(String[]::new));
      String split =
          step.between(
              "Reshape",
              "split_" + i,
              product,
              step.list("split_shape", -1, length, op.heads(), op.width() / op.heads()));
      parts[i] =
          step.between(
              "Transpose", "part_" + i, new Attributes().integers("perm", 0, 2, 1, 3), split);
    }
    return parts;
  }

  private static String rows(Exported step, String suffix, int part, long from, long to) {
    return step.between(
        "Slice",
        suffix + "_" + part,
        step.parameter(suffix),
        step.list("from", from),
        step.list("to", to),
        step.list("axis", 0));
  }
}
