package io.prunegrid.format.onnx;

import io.prunegrid.format.Bytes;
import io.prunegrid.format.ElementType;
import io.prunegrid.format.Malformed;
import io.prunegrid.format.onnx.ProtoReader.Message;
import io.prunegrid.format.onnx.ProtoReader.Span;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the structure of an ONNX file. Numbers of things are bounded, so that memory stays in
 * proportion to the file; initializers stay where they are until somebody needs them.
 */
final class OnnxReader {
  private static final int MOST_NODES = 200_000;
  private static final int MOST_NAMES = 1_000_000;
  private static final int MOST_DIMS = 8;

  /** Of a file that is a model: fields 1 to 8, 14, 20 and 25. */
  private static final String FIRST_BYTES = "\u0008\u0012\u001a\"(2:Br\u00a2\u00ca";

  private final ProtoReader reader;
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final Map<String, OnnxTensor> initializers = new LinkedHashMap<>();
  private final List<OnnxFile.Declared> inputs = new ArrayList<>();
  private final List<OnnxFile.Declared> outputs = new ArrayList<>();
  private final Map<String, Long> opsets = new HashMap<>();
  private boolean foundGraph;
  private int names;

  private OnnxReader(Bytes bytes) {
    this.reader = new ProtoReader(bytes);
  }

  static OnnxFile read(Bytes bytes) throws IOException {
    refuseOthers(bytes);
    OnnxReader reading = new OnnxReader(bytes);
    reading.model(reading.reader.whole());
    return reading.file();
  }

  /** A model begins with one of its fields, by number and kind of value. */
  private static void refuseOthers(Bytes bytes) throws IOException {
    try (InputStream in = bytes.open(0)) {
      int first = in.read();
      if (first >= 0 && FIRST_BYTES.indexOf(first) < 0) {
        throw new Malformed(
            "is no ONNX file; a model is a network of the zoo, with a checkpoint as its weights, a"
                + " model folder, or an ONNX file");
      }
    }
  }

  private OnnxFile file() throws IOException {
    if (!foundGraph) {
      throw new Malformed("is no ONNX file: it holds no graph");
    }
    Long opset = opsets.getOrDefault("", opsets.get("ai.onnx"));
    if (opset == null) {
      throw new Malformed("is no complete ONNX file: it does not say which operators it uses");
    }
    List<OnnxFile.Declared> real =
        inputs.stream().filter(input -> !initializers.containsKey(input.name())).toList();
    return new OnnxFile(opset, nodes, initializers, real, outputs);
  }

  private void model(Message message) throws IOException {
    while (message.next()) {
      switch (message.field()) {
        case 7 -> {
          if (foundGraph) {
            throw new Malformed("is a damaged ONNX file: it holds two graphs");
          }
          foundGraph = true;
          graph(message.message());
        }
        case 8 -> opset(message.message());
        case 25 -> throw new Malformed("defines functions of its own, which are not supported");
        default -> message.skip();
      }
    }
  }

  private void opset(Message message) throws IOException {
    String domain = "";
    long version = 0;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> domain = message.text();
        case 2 -> version = message.varint();
        default -> message.skip();
      }
    }
    if (opsets.size() < 100) {
      opsets.put(domain, version);
    }
  }

  private void graph(Message message) throws IOException {
    while (message.next()) {
      switch (message.field()) {
        case 1 -> node(message.message());
        case 5 -> initializer(tensor(message.message()));
        case 11 -> declare(inputs, message.message());
        case 12 -> declare(outputs, message.message());
        case 15 -> throw new Malformed("holds sparse initializers, which are not supported");
        default -> message.skip();
      }
    }
  }

  private void declare(List<OnnxFile.Declared> to, Message message) throws IOException {
    count();
    to.add(declared(message));
  }

  private void initializer(OnnxTensor tensor) throws IOException {
    count();
    if (initializers.put(tensor.name(), tensor) != null) {
      throw new Malformed("has two initializers named " + Malformed.quote(tensor.name()));
    }
  }

  private void count() throws IOException {
    if (++names > MOST_NAMES) {
      throw new Malformed("has more than " + MOST_NAMES + " names in its graph");
    }
  }

  private void node(Message message) throws IOException {
    String name = "";
    String domain = "";
    String operator = "";
    List<String> in = new ArrayList<>(3);
    List<String> out = new ArrayList<>(1);
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>(4);
    while (message.next()) {
      switch (message.field()) {
        case 1 -> {
          count();
          in.add(message.text());
        }
        case 2 -> {
          count();
          out.add(message.text());
        }
        case 3 -> name = message.text();
        case 4 -> operator = message.text();
        case 5 -> {
          count();
          OnnxAttribute attribute = attribute(message.message());
          attributes.put(attribute.name(), attribute);
        }
        case 7 -> domain = message.text();
        default -> message.skip();
      }
    }
    if (operator.isEmpty() || out.isEmpty()) {
      throw new Malformed(
          "is a damaged ONNX file: node "
              + nodes.size()
              + " has no "
              + (operator.isEmpty() ? "operator" : "outputs"));
    }
    if (nodes.size() == MOST_NODES) {
      throw new Malformed("has more than " + MOST_NODES + " nodes");
    }
    nodes.add(new OnnxNode(name, domain, operator, in, out, attributes));
  }

  private OnnxAttribute attribute(Message message) throws IOException {
    String name = "";
    Long single = null;
    Float real = null;
    String string = null;
    Numbers list = new Numbers();
    Numbers reals = new Numbers();
    OnnxTensor tensor = null;
    boolean graph = false;
    // What the type says is there need not be in the file where it is zero.
    long type = 0;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> name = message.text();
        case 2 -> real = message.fixedFloat();
        case 3 -> single = message.varint();
        case 4 -> string = message.text();
        case 5 -> tensor = tensor(message.message());
        case 6, 11 -> {
          graph = true;
          message.skip();
        }
        case 7 -> message.floats(reals);
        case 8 -> message.varints(list);
        case 20 -> type = message.varint();
        default -> message.skip();
      }
    }
    if (type == 1 && real == null) {
      real = 0f;
    } else if (type == 2 && single == null) {
      single = 0L;
    } else if (type == 3 && string == null) {
      string = "";
    }
    return new OnnxAttribute(name, single, real, string, list, reals, tensor, graph);
  }

  private OnnxTensor tensor(Message message) throws IOException {
    Numbers dims = new Numbers();
    long type = 0;
    String name = "";
    Span raw = null;
    Numbers listed = new Numbers();
    boolean external = false;
    boolean other = false;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> message.varints(dims);
        case 2 -> type = message.varint();
        case 4 -> message.floats(listed);
        case 5, 7 -> message.varints(listed);
        case 8 -> name = message.text();
        case 9 -> raw = message.span();
        case 10 -> message.doubles(listed);
        case 13 -> {
          external = true;
          message.skip();
        }
        case 14 -> external |= message.varint() != 0;
        case 3, 6, 11 -> {
          other = true;
          message.skip();
        }
        default -> message.skip();
      }
    }
    String label = "tensor " + Malformed.quote(name);
    if (external) {
      throw new Malformed(
          label + " lies in another file; models with external data are not supported");
    }
    ElementType elements = elementType(type);
    if (elements == null || other) {
      throw new Malformed(label + " has elements of a type that is not supported: " + type);
    }
    int size = size(label, dims.toLongs());
    int[] sizes = new int[dims.size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = (int) dims.toLongs()[i];
    }
    long found = raw == null ? listed.size() : raw.length() / elements.bytes();
    if (found != size || (raw != null && raw.length() % elements.bytes() != 0)) {
      throw new Malformed(
          label + " should hold " + size + " elements by its dimensions, found " + found);
    }
    Bytes bytes =
        raw == null ? null : reader.bytes().slice(raw.offset(), raw.length(), "tensor " + name);
    return new OnnxTensor(name, elements, sizes, size, bytes, raw == null ? listed : null);
  }

  private static int size(String label, long[] dims) throws IOException {
    if (dims.length > MOST_DIMS) {
      throw new Malformed(label + " has " + dims.length + " dimensions");
    }
    long size = 1;
    for (long dim : dims) {
      if (dim < 0 || dim > Integer.MAX_VALUE) {
        throw new Malformed(label + " has a dimension of " + dim);
      }
      size *= dim;
      if (size > Integer.MAX_VALUE - 8) {
        throw new Malformed(label + " has more elements than a tensor can hold");
      }
    }
    return (int) size;
  }

  private static ElementType elementType(long type) {
    return switch ((int) Math.min(Math.max(type, 0), 100)) {
      case 1 -> ElementType.FLOAT32;
      case 2 -> ElementType.UINT8;
      case 3 -> ElementType.INT8;
      case 5 -> ElementType.INT16;
      case 6 -> ElementType.INT32;
      case 7 -> ElementType.INT64;
      case 9 -> ElementType.BOOL;
      case 10 -> ElementType.FLOAT16;
      case 11 -> ElementType.FLOAT64;
      case 16 -> ElementType.BFLOAT16;
      default -> null;
    };
  }

  private static OnnxFile.Declared declared(Message message) throws IOException {
    String name = "";
    int type = 0;
    List<Long> dims = null;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> name = message.text();
        case 2 -> {
          Message kind = message.message();
          while (kind.next()) {
            if (kind.field() != 1) {
              kind.skip();
              continue;
            }
            Message tensor = kind.message();
            while (tensor.next()) {
              switch (tensor.field()) {
                case 1 -> type = (int) tensor.varint();
                case 2 -> dims = dims(tensor.message());
                default -> tensor.skip();
              }
            }
          }
        }
        default -> message.skip();
      }
    }
    return new OnnxFile.Declared(name, type, dims);
  }

  private static List<Long> dims(Message message) throws IOException {
    List<Long> dims = new ArrayList<>();
    while (message.next()) {
      if (message.field() != 1) {
        message.skip();
        continue;
      }
      Message dim = message.message();
      long size = -1;
      while (dim.next()) {
        if (dim.field() == 1) {
          size = dim.varint();
        } else {
          dim.skip();
        }
      }
      if (dims.size() == MOST_DIMS) {
        throw new Malformed("declares a value of more than " + MOST_DIMS + " dimensions");
      }
      dims.add(size <= 0 ? -1 : size);
    }
    return dims;
  }
}
