package io.prunegrid.format;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import java.util.HashSet;
import java.util.List;

/** Operators as JSON: a name for each kind, and its attributes beside it. */
final class OpJson {
  /** Large enough for any network, small enough that sums and products of a few stay in range. */
  static final int MAX_CHANNELS = 1 << 27;

  static final int MAX_WINDOW = (1 << 15) - 1;

  private OpJson() {}

  /** Adds an operator's kind and attributes to its node's object. */
  static void write(Op op, ObjectNode to) {
    if (op instanceof Op.Input input) {
      kind(to, "input");
      integers(to, "shape", input.shape().dims());
    } else if (op instanceof Op.Conv2d conv) {
      kind(to, "conv2d").put("in", conv.in()).put("out", conv.out());
      size(to, "kernel", conv.kernel());
      size(to, "stride", conv.stride());
      size(to, "padding", conv.padding());
      size(to, "dilation", conv.dilation());
      to.put("groups", conv.groups()).put("bias", conv.bias());
    } else if (op instanceof Op.Linear linear) {
      kind(to, "linear").put("in", linear.in()).put("out", linear.out()).put("bias", linear.bias());
    } else if (op instanceof Op.BatchNorm2d norm) {
      kind(to, "batch-norm2d")
          .put("channels", norm.channels())
          .put("eps", norm.eps())
          .put("momentum", norm.momentum());
    } else if (op instanceof Op.Relu) {
      kind(to, "relu");
    } else if (op instanceof Op.Dropout dropout) {
      kind(to, "dropout").put("p", dropout.p());
    } else if (op instanceof Op.MaxPool2d pool) {
      kind(to, "max-pool2d");
      size(to, "kernel", pool.kernel());
      size(to, "stride", pool.stride());
      size(to, "padding", pool.padding());
      if (pool.ceil()) {
        to.put("ceil", true);
      }
    } else if (op instanceof Op.AdaptiveAvgPool2d pool) {
      kind(to, "adaptive-avg-pool2d");
      size(to, "output", pool.output());
    } else if (op instanceof Op.Add) {
      kind(to, "add");
    } else if (op instanceof Op.Concat concat) {
      kind(to, "concat");
      if (concat.axis() != 0) {
        to.put("axis", concat.axis());
      }
    } else if (op instanceof Op.Flatten) {
      kind(to, "flatten");
    } else if (op instanceof Op.Subsample2d subsample) {
      kind(to, "subsample2d").put("stride", subsample.stride());
    } else if (op instanceof Op.PadChannels pad) {
      kind(to, "pad-channels").put("before", pad.before()).put("after", pad.after());
    } else if (op instanceof Op.SelectChannels select) {
      kind(to, "select-channels");
      integers(to, "channels", select.channels());
    } else if (!OpFamilyJson.write(op, to)) {
      throw new IllegalArgumentException("no JSON is defined for " + op);
    }
  }

  /** The operator that a node's object describes. */
  static Op read(String kind, JsonFields from) throws Malformed {
    return switch (kind) {
      case "input" -> new Op.Input(new Shape(from.integers("shape", 1, MAX_CHANNELS)));
      case "conv2d" ->
          new Op.Conv2d(
              from.integer("in", 1, MAX_CHANNELS),
              from.integer("out", 1, MAX_CHANNELS),
              size(from, "kernel", 1),
              size(from, "stride", 1),
              size(from, "padding", 0),
              size(from, "dilation", 1),
              from.integer("groups", 1, MAX_CHANNELS),
              from.flag("bias"));
      case "linear" ->
          new Op.Linear(
              from.integer("in", 1, MAX_CHANNELS),
              from.integer("out", 1, MAX_CHANNELS),
              from.flag("bias"));
      case "batch-norm2d" ->
          new Op.BatchNorm2d(
              from.integer("channels", 1, MAX_CHANNELS),
              from.number("eps"),
              from.number("momentum"));
      case "relu" -> new Op.Relu();
      case "dropout" -> new Op.Dropout(from.number("p"));
      case "max-pool2d" ->
          new Op.MaxPool2d(
              size(from, "kernel", 1),
              size(from, "stride", 1),
              size(from, "padding", 0),
              from.has("ceil") && from.flag("ceil"));
      case "adaptive-avg-pool2d" -> new Op.AdaptiveAvgPool2d(size(from, "output", 1));
      case "add" -> new Op.Add();
      case "concat" -> new Op.Concat(from.has("axis") ? from.integer("axis", 0, 15) : 0);
      case "flatten" -> new Op.Flatten();
      case "subsample2d" -> new Op.Subsample2d(from.integer("stride", 1, MAX_WINDOW));
      case "pad-channels" ->
          new Op.PadChannels(
              from.integer("before", 0, MAX_CHANNELS), from.integer("after", 0, MAX_CHANNELS));
      case "select-channels" -> new Op.SelectChannels(distinct(from));
      default -> OpFamilyJson.read(kind, from);
    };
  }

  private static List<Integer> distinct(JsonFields from) throws Malformed {
    List<Integer> channels = from.integers("channels", 0, MAX_CHANNELS);
    if (new HashSet<>(channels).size() != channels.size()) {
      throw new Malformed("selects a channel twice");
    }
    return channels;
  }

  static Size2d size(JsonFields from, String key, int least) throws Malformed {
    List<Integer> sides = from.integers(key, least, MAX_WINDOW);
    if (sides.size() != 2) {
      throw new Malformed("has a " + key + " of " + sides.size() + " numbers, expected two");
    }
    return new Size2d(sides.get(0), sides.get(1));
  }

  static ObjectNode kind(ObjectNode to, String kind) {
    return to.put("op", kind);
  }

  static void size(ObjectNode to, String key, Size2d size) {
    integers(to, key, List.of(size.height(), size.width()));
  }

  static void integers(ObjectNode to, String key, List<Integer> values) {
    ArrayNode array = to.putArray(key);
    values.forEach(array::add);
  }
}
