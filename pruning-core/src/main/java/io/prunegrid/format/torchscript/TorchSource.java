package io.prunegrid.format.torchscript;

import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.TokenOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The method of a module that computes a graph, one line for each step. */
final class TorchSource {
  private final ModelGraph graph;
  private final ModuleTree tree;
  private final StringBuilder lines = new StringBuilder();
  private final Map<String, String> values = new HashMap<>();
  private final Set<String> single = new HashSet<>();
  private int count;

  TorchSource(ModelGraph graph, ModuleTree tree) {
    this.graph = graph;
    this.tree = tree;
  }

  /** The whole method, indented by two spaces. */
  String forward() {
    boolean several = graph.outputs().size() > 1;
    lines.append("  def forward(self: __torch__.PruneGrid,\n    input: Tensor) -> ");
    lines.append(several ? "Dict[str, Tensor]" : "Tensor").append(":\n");
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Input) {
        values.put(node.name(), "input");
        continue;
      }
      if (node.inputs().stream().allMatch(single::contains)) {
        single.add(node.name());
      }
      values.put(node.name(), translate(node));
    }
    if (several) {
      Map<String, String> outputs = new LinkedHashMap<>();
      graph.outputs().forEach(name -> outputs.put(name, values.get(name)));
      lines.append("    return ").append(TorchScriptExport.dictionary(outputs)).append('\n');
    } else {
      lines.append("    return ").append(values.get(graph.output())).append('\n');
    }
    return lines.toString();
  }

  /** A line that calls a function of torch; its result's name. */
  private String call(String function, Object... arguments) {
    String name = "v" + count++;
    lines.append("    ").append(name).append(" = torch.").append(function).append('(');
    lines.append(String.join(", ", Arrays.stream(arguments).map(TorchSource::literal).toList()));
    lines.append(")\n");
    return name;
  }

  private static String literal(Object value) {
    if (value == null) {
      return "None";
    } else if (value instanceof Boolean truth) {
      return truth ? "True" : "False";
    } else if (value instanceof Double number) {
      return number == Double.NEGATIVE_INFINITY
          ? "-inf"
          : number == Double.POSITIVE_INFINITY ? "inf" : number.toString().toLowerCase(Locale.ROOT);
    } else if (value instanceof Size2d size) {
      return List.of(size.height(), size.width()).toString();
    } else if (value instanceof Collection<?> list) {
      return "[" + String.join(", ", list.stream().map(TorchSource::literal).toList()) + "]";
    }
    return value.toString();
  }

  private String in(Node node, int index) {
    return values.get(node.inputs().get(index));
  }

  private String tensor(Node node, String suffix) {
    return tree.access(node.parameterName(suffix));
  }

  private String bias(Node node, boolean has) {
    return has ? tensor(node, "bias") : null;
  }

  /** Sizes behind the batch, which is as large as it needs to be. */
  private static List<Integer> batched(Shape shape) {
    List<Integer> sizes = new ArrayList<>(List.of(-1));
    sizes.addAll(shape.dims());
    return sizes;
  }

  private String translate(Node node) {
    Op op = node.op();
    if (op instanceof ElementOp element) {
      return element(node, element);
    } else if (op instanceof NormOp norm) {
      return norm(node, norm);
    } else if (op instanceof SpatialOp spatial) {
      return spatial(node, spatial);
    } else if (op instanceof ShapeOp shape) {
      return shape(node, shape);
    } else if (op instanceof TokenOp token) {
      return token(node, token);
    } else if (op instanceof Op.Add) {
      String sum = operand(node, 0);
      for (int i = 1; i < node.inputs().size(); i++) {
        sum = call("add", sum, operand(node, i));
      }
      return sum;
    } else if (op instanceof Op.Concat concat) {
      return call("cat", beside(node), concat.axis() + 1);
    }
    return plain(node, op, in(node, 0));
  }

  private String plain(Node node, Op op, String x) {
    if (op instanceof Op.Conv2d conv) {
      return call(
          "conv2d",
          x,
          tensor(node, "weight"),
          bias(node, conv.bias()),
          conv.stride(),
          conv.padding(),
          conv.dilation(),
          conv.groups());
    } else if (op instanceof Op.Linear linear) {
      return call("linear", x, tensor(node, "weight"), bias(node, linear.bias()));
    } else if (op instanceof Op.BatchNorm2d norm) {
      return call(
          "batch_norm",
          x,
          tensor(node, "weight"),
          tensor(node, "bias"),
          tensor(node, "running_mean"),
          tensor(node, "running_var"),
          false,
          norm.momentum(),
          norm.eps(),
          true);
    } else if (op instanceof Op.Relu) {
      return call("relu", x);
    } else if (op instanceof Op.Dropout) {
      return x;
    } else if (op instanceof Op.MaxPool2d pool) {
      return call(
          "max_pool2d", x, pool.kernel(), pool.stride(), pool.padding(), Size2d.ONE, pool.ceil());
    } else if (op instanceof Op.AdaptiveAvgPool2d pool) {
      return call("adaptive_avg_pool2d", x, pool.output());
    } else if (op instanceof Op.Flatten) {
      return call("flatten", x, 1, -1);
    } else if (op instanceof Op.Subsample2d subsample) {
      String rows = call("slice", x, 2, 0, null, subsample.stride());
      return call("slice", rows, 3, 0, null, subsample.stride());
    } else if (op instanceof Op.PadChannels pad) {
      List<Integer> pads = new ArrayList<>();
      for (int i = 0; i < 2 * (graph.shape(node.name()).rank() - 1); i++) {
        pads.add(0);
      }
      pads.addAll(List.of(pad.before(), pad.after()));
      return call("constant_pad_nd", x, pads, 0);
    } else if (op instanceof Op.SelectChannels select) {
      return select(x, select.channels());
    }
    throw new IllegalArgumentException(
        "node '"
            + node.name()
            + "': "
            + op.getClass().getSimpleName()
            + " cannot be written to TorchScript");
  }

  private String select(String x, List<Integer> channels) {
    String places = call("tensor", channels, "dtype=None", "device=ops.prim.device(" + x + ")");
    return call("index_select", x, 1, places);
  }

  /** An operand with as many axes as the result, so that batches meet. */
  private String operand(Node node, int index) {
    Shape own = graph.inputShape(node, index);
    int rank = graph.shape(node.name()).rank();
    if (own.rank() == rank) {
      return in(node, index);
    }
    List<Integer> sizes = new ArrayList<>(List.of(-1));
    for (int i = own.rank(); i < rank; i++) {
      sizes.add(1);
    }
    sizes.addAll(own.dims());
    return call("reshape", in(node, index), sizes);
  }

  /** What is the same for every sample is repeated for each where it stands beside others. */
  private List<String> beside(Node node) {
    List<String> inputs = node.inputs();
    boolean all = inputs.stream().allMatch(single::contains);
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      String part = in(node, i);
      if (!all && single.contains(inputs.get(i))) {
        List<Object> sizes = new ArrayList<>(List.of("torch.size(input, 0)"));
        sizes.addAll(graph.inputShape(node, i).dims());
        part = call("expand", part, sizes);
      }
      parts.add(part);
    }
    return parts;
  }

  private String element(Node node, ElementOp op) {
    String x = in(node, 0);
    if (op instanceof ElementOp.Activation activation) {
      return activation(activation, x);
    } else if (op instanceof ElementOp.Scale scale) {
      String scaled = scale.factor() == 1 ? x : call("mul", x, scale.factor());
      return scale.shift() == 0 ? scaled : call("add", scaled, scale.shift());
    } else if (op instanceof ElementOp.Clip clip) {
      return call("clamp", x, clip.low(), clip.high());
    } else if (op instanceof ElementOp.PRelu) {
      return call("prelu", x, tensor(node, "weight"));
    } else if (op instanceof ElementOp.Softmax softmax) {
      boolean logarithm = softmax.output() == ElementOp.Softmax.Output.LOGARITHM;
      return call(logarithm ? "log_softmax" : "softmax", x, softmax.axis() + 1);
    } else if (op instanceof ElementOp.Arithmetic arithmetic) {
      return call(
          switch (arithmetic.operation()) {
            case SUBTRACT -> "sub";
            case MULTIPLY -> "mul";
            case DIVIDE -> "div";
          },
          operand(node, 0),
          operand(node, 1));
    }
    // Stochastic depth leaves samples out while training only.
    return x;
  }

  private String activation(ElementOp.Activation op, String x) {
    return switch (op.function()) {
      case RELU6 -> call("clamp", x, 0.0, 6.0);
      case LEAKY_RELU -> call("leaky_relu", x, op.parameter());
      case ELU -> call("elu", x, op.parameter());
      case GELU -> call("gelu", x);
      case GELU_TANH -> call("gelu", x, "approximate=\"tanh\"");
      case SILU -> call("silu", x);
      case HARDSWISH -> call("hardswish", x);
      case HARDSIGMOID -> call("hardsigmoid", x);
      case SIGMOID -> call("sigmoid", x);
      case TANH -> call("tanh", x);
    };
  }

  private String norm(Node node, NormOp op) {
    if (op instanceof NormOp.LayerNorm norm) {
      return call(
          "layer_norm",
          in(node, 0),
          norm.normalized().dims(),
          norm.affine() ? tensor(node, "weight") : null,
          norm.affine() ? tensor(node, "bias") : null,
          norm.eps());
    }
    NormOp.GroupNorm norm = (NormOp.GroupNorm) op;
    return call(
        "group_norm",
        in(node, 0),
        norm.groups(),
        tensor(node, "weight"),
        tensor(node, "bias"),
        norm.eps());
  }

  private String spatial(Node node, SpatialOp op) {
    String x = in(node, 0);
    if (op instanceof SpatialOp.ConvTranspose2d conv) {
      return call(
          "conv_transpose2d",
          x,
          tensor(node, "weight"),
          bias(node, conv.bias()),
          conv.stride(),
          conv.padding(),
          conv.outputPadding(),
          conv.groups(),
          conv.dilation());
    } else if (op instanceof SpatialOp.AvgPool2d pool) {
      return call(
          "avg_pool2d",
          x,
          pool.kernel(),
          pool.stride(),
          pool.padding(),
          pool.ceil(),
          pool.countsPadding());
    } else if (op instanceof SpatialOp.AdaptiveMaxPool2d pool) {
      String name = "v" + count++;
      lines.append("    ").append(name).append(", _").append(name);
      lines.append(" = torch.adaptive_max_pool2d(").append(x).append(", ");
      lines.append(literal(pool.output())).append(")\n");
      return name;
    } else if (op instanceof SpatialOp.Interpolate interpolate) {
      return interpolate.mode() == SpatialOp.Interpolate.Mode.NEAREST
          ? call("upsample_nearest2d", x, interpolate.output(), null, null)
          : call(
              "upsample_bilinear2d",
              x,
              interpolate.output(),
              interpolate.alignsCorners(),
              null,
              null);
    }
    SpatialOp.Pad2d pad = (SpatialOp.Pad2d) op;
    return call(
        "constant_pad_nd",
        x,
        List.of(pad.left(), pad.right(), pad.top(), pad.bottom()),
        pad.value());
  }

  private String shape(Node node, ShapeOp op) {
    String x = in(node, 0);
    Shape shape = graph.shape(node.name());
    if (op instanceof ShapeOp.Reshape) {
      return call("reshape", x, batched(shape));
    } else if (op instanceof ShapeOp.Transpose transpose) {
      List<Integer> order = new ArrayList<>(List.of(0));
      transpose.order().forEach(axis -> order.add(axis + 1));
      return call("permute", x, order);
    } else if (op instanceof ShapeOp.Slice slice) {
      return call("slice", x, slice.axis() + 1, slice.start(), slice.end(), slice.step());
    } else if (op instanceof ShapeOp.Mean mean) {
      return call("mean", x, mean.axes().stream().map(axis -> axis + 1).toList(), mean.keeps());
    }
    int[] sources = ((ShapeOp.ChannelShuffle) op).sources(shape.channels());
    return select(x, Arrays.stream(sources).boxed().toList());
  }

  private String token(Node node, TokenOp op) {
    if (op instanceof TokenOp.MatMul) {
      return call("matmul", in(node, 0), in(node, 1));
    } else if (op instanceof TokenOp.Parameter bare) {
      List<Integer> sizes = new ArrayList<>(List.of(1));
      sizes.addAll(bare.shape().dims());
      return call("reshape", tensor(node, ""), sizes);
    }
    return attention(node, (TokenOp.MultiHeadAttention) op);
  }

  private String attention(Node node, TokenOp.MultiHeadAttention op) {
    int width = op.width();
    int each = width / op.heads();
    int length = graph.shape(node.name()).dim(0);
    String[] parts = new String[3];
    for (int i = 0; i < 3; i++) {
      String weight =
          call("slice", tensor(node, "in_proj_weight"), 0, i * width, (i + 1) * width, 1);
      String bias =
          op.bias()
              ? call("slice", tensor(node, "in_proj_bias"), 0, i * width, (i + 1) * width, 1)
              : null;
      String product = call("linear", in(node, i), weight, bias);
      String split = call("reshape", product, List.of(-1, length, op.heads(), each));
      parts[i] = call("permute", split, List.of(0, 2, 1, 3));
    }
    String products = call("matmul", parts[0], call("transpose", parts[1], 2, 3));
    String logits = call("mul", products, 1 / Math.sqrt(each));
    String mixed = call("matmul", call("softmax", logits, 3), parts[2]);
    String joined =
        call("reshape", call("permute", mixed, List.of(0, 2, 1, 3)), List.of(-1, length, width));
    return call(
        "linear",
        joined,
        tensor(node, "out_proj.weight"),
        op.bias() ? tensor(node, "out_proj.bias") : null);
  }
}
