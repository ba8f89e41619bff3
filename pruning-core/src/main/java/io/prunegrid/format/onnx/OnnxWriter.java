package io.prunegrid.format.onnx;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * An ONNX graph being put together: nodes in memory, weights only named. Writing it streams the
 * weights from where they are, so that no second copy of them is ever held.
 */
final class OnnxWriter {
  /** IR version that goes with opset 17. */
  private static final int IR_VERSION = 8;

  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int CHUNK = 1 << 14;

  /** The name of the batch's size. */
  private static final String BATCH = "batch";

  private final Map<String, Tensor> weights = new LinkedHashMap<>();
  private final List<byte[]> nodes = new ArrayList<>();
  private final List<byte[]> constants = new ArrayList<>();
  private final List<byte[]> inputs = new ArrayList<>();
  private final List<byte[]> outputs = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, Integer> repeated = new HashMap<>();

  /** A name that no other value has. */
  String fresh(String wanted) {
    String name = wanted;
    while (!names.add(name)) {
      name = wanted + "_" + repeated.merge(wanted, 1, Integer::sum);
    }
    return name;
  }

  /** A weight as it is, under its own name. */
  String weight(String name, Tensor tensor) {
    if (weights.put(name, tensor) == null) {
      names.add(name);
    }
    return name;
  }

  /** Whole numbers; a single one without dimensions where {@code dims} is empty. */
  String integers(String wanted, long[] values, int... dims) {
    ByteBuffer raw = ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      raw.putLong(value);
    }
    return constant(wanted, INT64, raw.array(), dims);
  }

  /** A list of whole numbers. */
  String list(String wanted, long... values) {
    return integers(wanted, values, values.length);
  }

  String floats(String wanted, float[] values, int... dims) {
    ByteBuffer raw =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return constant(wanted, FLOAT, raw.array(), dims);
  }

  String number(String wanted, double value) {
    return floats(wanted, new float[] {(float) value});
  }

  private String constant(String wanted, int type, byte[] raw, int... dims) {
    String name = fresh(wanted);
    ProtoWriter tensor = new ProtoWriter();
    for (int dim : dims) {
      tensor.number(1, dim);
    }
    constants.add(tensor.number(2, type).text(8, name).content(9, raw).toBytes());
    return name;
  }

  /** Attributes of a node in the order of their names. */
  static final class Attributes {
    private final Map<String, ProtoWriter> all = new TreeMap<>();

    Attributes integer(String name, long value) {
      all.put(name, new ProtoWriter().text(1, name).number(3, value).number(20, 2));
      return this;
    }

    Attributes real(String name, double value) {
      all.put(name, new ProtoWriter().text(1, name).real(2, (float) value).number(20, 1));
      return this;
    }

    Attributes text(String name, String value) {
      all.put(name, new ProtoWriter().text(1, name).text(4, value).number(20, 3));
      return this;
    }

    Attributes integers(String name, long... values) {
      ProtoWriter attribute = new ProtoWriter().text(1, name);
      for (long value : values) {
        attribute.number(8, value);
      }
      all.put(name, attribute.number(20, 7));
      return this;
    }
  }

  /** Adds a node of one output, whose value gets the wanted name if no other has it. */
  String node(String operator, String wanted, Attributes attributes, String... from) {
    String output = fresh(wanted);
    ProtoWriter node = new ProtoWriter();
    for (String input : from) {
      node.text(1, input);
    }
    node.text(2, output).text(3, output).text(4, operator);
    attributes.all.values().forEach(attribute -> node.message(5, attribute));
    nodes.add(node.toBytes());
    return output;
  }

  String node(String operator, String wanted, String... from) {
    return node(operator, wanted, new Attributes(), from);
  }

  void input(String name, Shape shape) {
    names.add(name);
    inputs.add(declared(name, shape));
  }

  void output(String name, Shape shape) {
    outputs.add(declared(name, shape));
  }

  private static byte[] declared(String name, Shape shape) {
    ProtoWriter dims = new ProtoWriter().message(1, new ProtoWriter().text(2, BATCH));
    for (int dim : shape.dims()) {
      dims.message(1, new ProtoWriter().number(1, dim));
    }
    ProtoWriter tensor = new ProtoWriter().number(1, FLOAT).message(2, dims);
    return new ProtoWriter()
        .text(1, name)
        .message(2, new ProtoWriter().message(1, tensor))
        .toBytes();
  }

  /**
   * Writes the file.
   *
   * @throws BadInput where it would have more bytes than the format can say
   */
  void write(OutputStream out, long opset) throws IOException {
    ProtoWriter front = new ProtoWriter();
    nodes.forEach(node -> front.content(1, node));
    front.text(2, "prunegrid");
    constants.forEach(tensor -> front.content(5, tensor));
    ProtoWriter back = new ProtoWriter();
    inputs.forEach(input -> back.content(11, input));
    outputs.forEach(output -> back.content(12, output));
    Map<String, byte[]> heads = new LinkedHashMap<>();
    long length = (long) front.size() + back.size();
    for (Map.Entry<String, Tensor> entry : weights.entrySet()) {
      byte[] head = head(entry.getKey(), entry.getValue());
      heads.put(entry.getKey(), head);
      length += head.length + (long) Float.BYTES * entry.getValue().size();
    }
    ProtoWriter model =
        new ProtoWriter()
            .number(1, IR_VERSION)
            .text(2, "prunegrid")
            .message(8, new ProtoWriter().text(1, "").number(2, opset))
            .head(7, length);
    if (model.size() + length > Integer.MAX_VALUE) {
      throw new BadInput(
          "the network cannot be written as one ONNX file: it takes "
              + (model.size() + length)
              + " bytes, and the format holds at most "
              + Integer.MAX_VALUE);
    }
    out.write(model.toBytes());
    out.write(front.toBytes());
    for (Map.Entry<String, byte[]> head : heads.entrySet()) {
      out.write(head.getValue());
      stream(out, weights.get(head.getKey()));
    }
    out.write(back.toBytes());
  }

  /** Everything of an initializer but its elements. */
  private static byte[] head(String name, Tensor tensor) {
    ProtoWriter inner = new ProtoWriter();
    for (int dim : tensor.shape().dims()) {
      inner.number(1, dim);
    }
    long raw = (long) Float.BYTES * tensor.size();
    inner.number(2, FLOAT).text(8, name).head(9, raw);
    ProtoWriter outer = new ProtoWriter().head(5, inner.size() + raw);
    byte[] head = new byte[outer.size() + inner.size()];
    System.arraycopy(outer.toBytes(), 0, head, 0, outer.size());
    System.arraycopy(inner.toBytes(), 0, head, outer.size(), inner.size());
    return head;
  }

  private static void stream(OutputStream out, Tensor tensor) throws IOException {
    byte[] chunk = new byte[CHUNK * Float.BYTES];
    FloatBuffer floats = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    for (int done = 0; done < tensor.size(); ) {
      int count = Math.min(CHUNK, tensor.size() - done);
      floats.clear().put(tensor.asBuffer().slice(done, count));
      out.write(chunk, 0, count * Float.BYTES);
      done += count;
    }
  }
}
