package io.prunegrid.format.onnx;

import io.prunegrid.testing.Choices;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Changes an ONNX file as a tree of protobuf fields: lengths always agree with what they hold. */
final class ProtoMutation {
  /** Fields that hold messages, by the numbers on the way to them: model, graph, node, tensor. */
  private static final Set<String> MESSAGES =
      Set.of(
          "8",
          "7",
          "7.1",
          "7.1.5",
          "7.1.5.5",
          "7.5",
          "7.11",
          "7.11.2",
          "7.11.2.1",
          "7.11.2.1.2",
          "7.11.2.1.2.1",
          "7.12",
          "7.12.2",
          "7.12.2.1",
          "7.12.2.1.2",
          "7.12.2.1.2.1");

  private static final List<String> WORDS =
      List.of(
          "Conv",
          "Relu",
          "Add",
          "Concat",
          "Reshape",
          "Gemm",
          "Flatten",
          "Slice",
          "Expand",
          "Pad",
          "Constant",
          "ConstantOfShape",
          "Shape",
          "Gather",
          "Transpose",
          "Resize",
          "Split",
          "Mul",
          "axis",
          "axes",
          "pads",
          "strides",
          "kernel_shape",
          "group",
          "value",
          "external_data");

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int LENGTH = 2;

  /** One field: a number, plain bytes, or fields of its own. */
  private static final class Field {
    private int number;
    private int wire;
    private long value;
    private byte[] bytes = {};
    private List<Field> fields;

    private Field copy() {
      Field copy = new Field();
      copy.number = number;
      copy.wire = wire;
      copy.value = value;
      copy.bytes = bytes;
      if (fields != null) {
        copy.fields = new ArrayList<>();
        fields.forEach(field -> copy.fields.add(field.copy()));
      }
      return copy;
    }
  }

  private final Choices choices;

  private ProtoMutation(Choices choices) {
    this.choices = choices;
  }

  /** The file after none to three changes. */
  static byte[] of(byte[] file, Choices choices) {
    List<Field> root = new ProtoInput(file).fields("");
    int changes = choices.below(4);
    for (int i = 0; i < changes; i++) {
      new ProtoMutation(choices).change(root);
    }
    return encode(root);
  }

  private void change(List<Field> root) {
    List<Field> message = root;
    // down the tree, so that a node is met as often as the many bytes beside it
    while (!message.isEmpty()) {
      int place = choices.below(message.size());
      Field field = message.get(place);
      if (field.fields != null && !choices.onceIn(3)) {
        message = field.fields;
        continue;
      }
      switch (choices.below(6)) {
        case 0, 1 -> other(field);
        case 2 -> message.remove(place);
        case 3 -> message.add(place, field.copy());
        case 4 -> message.add(choices.below(message.size()), message.remove(place));
        default ->
            field.number =
                choices.onceIn(3) ? (int) choices.number() & 0xffff : 1 + choices.below(20);
      }
      return;
    }
  }

  private void other(Field field) {
    if (field.wire == VARINT) {
      field.value = choices.onceIn(2) ? choices.number() : field.value + 1 - choices.below(3);
    } else if (field.fields == null && field.wire == LENGTH) {
      field.bytes =
          switch (choices.below(4)) {
            case 0 -> choices.of(WORDS).getBytes(StandardCharsets.UTF_8);
            case 1 -> choices.text().getBytes(StandardCharsets.UTF_8);
            case 2 -> Arrays.copyOf(field.bytes, choices.below(field.bytes.length + 9));
            default -> choices.data(field.bytes.length);
          };
    } else if (field.fields == null) {
      field.bytes = choices.data(field.bytes.length);
    }
  }

  private static byte[] encode(List<Field> fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Field field : fields) {
      varint(out, ((long) field.number << 3) | field.wire);
      byte[] bytes = field.fields == null ? field.bytes : encode(field.fields);
      if (field.wire == VARINT) {
        varint(out, field.value);
      } else {
        if (field.wire == LENGTH) {
          varint(out, bytes.length);
        }
        out.writeBytes(bytes);
      }
    }
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** Reads good files only. */
  private static final class ProtoInput {
    private final byte[] bytes;
    private int at;

    ProtoInput(byte[] bytes) {
      this.bytes = bytes;
    }

    List<Field> fields(String path) {
      List<Field> fields = new ArrayList<>();
      while (at < bytes.length) {
        long key = varint();
        Field field = new Field();
        field.number = (int) (key >>> 3);
        field.wire = (int) (key & 7);
        if (field.wire == VARINT) {
          field.value = varint();
        } else {
          int length = field.wire == LENGTH ? (int) varint() : field.wire == FIXED_64 ? 8 : 4;
          field.bytes = Arrays.copyOfRange(bytes, at, at + length);
          at += length;
          String inner = path + field.number;
          if (MESSAGES.contains(inner)) {
            field.fields = new ProtoInput(field.bytes).fields(inner + ".");
          }
        }
        fields.add(field);
      }
      return fields;
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = bytes[at++];
        value |= (next & 0x7fL) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }
  }
}
