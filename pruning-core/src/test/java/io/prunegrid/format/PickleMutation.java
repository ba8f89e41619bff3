package io.prunegrid.format;

import io.prunegrid.testing.Choices;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Changes a pickle as a list of instructions: each stays whole, what they say together may not. */
final class PickleMutation {
  private static final List<String> STRANGERS =
      List.of(
          "cos\nsystem\n",
          "X\u0002\u0000\u0000\u0000id\u0085R",
          "R",
          "b",
          "Q",
          "0",
          "2",
          "(",
          "t",
          "}",
          "]",
          "u",
          "s",
          "a",
          "e",
          "N",
          "\u0081",
          "\u0093",
          "\u0085",
          "q\u0000",
          "h\u0000",
          "h\u0001",
          "ccollections\nOrderedDict\n",
          "c__builtin__\neval\n",
          "ctorch\nFloatStorage\n",
          "ctorch._utils\n_rebuild_tensor_v2\n",
          "ctorch._utils\n_rebuild_parameter\n",
          ")R",
          ".",
          "\u0095\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f",
          "K\u0005",
          "I7\n",
          "L7L\n",
          "F1.5\n");

  private PickleMutation() {}

  /** The pickle after none to three changes. */
  static byte[] of(byte[] pickle, Choices choices) {
    List<byte[]> ops = ops(pickle);
    int changes = choices.below(4);
    for (int i = 0; i < changes && !ops.isEmpty(); i++) {
      int place = choices.below(ops.size());
      switch (choices.below(6)) {
        case 0, 1 -> ops.set(place, other(ops.get(place), choices));
        case 2 -> ops.add(place, choices.of(STRANGERS).getBytes(StandardCharsets.ISO_8859_1));
        case 3 -> ops.remove(place);
        case 4 -> {
          int end = Math.min(ops.size(), place + 1 + choices.below(24));
          ops.addAll(choices.below(ops.size()), new ArrayList<>(ops.subList(place, end)));
        }
        default -> ops.add(choices.below(ops.size()), ops.remove(place));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ops.forEach(out::writeBytes);
    return out.toByteArray();
  }

  private static byte[] other(byte[] op, Choices choices) {
    return switch (op[0]) {
      case 'J' -> number(choices.onceIn(2) ? choices.number() : number(op) + 1 - choices.below(3));
      case 'X' -> text(choices.onceIn(2) ? choices.text() : quoted(op) + choices.below(10));
      case 'c' -> choices.of(STRANGERS).getBytes(StandardCharsets.ISO_8859_1);
      default -> op;
    };
  }

  private static long number(byte[] op) {
    return little(op).getInt(1);
  }

  private static byte[] number(long value) {
    return new TorchFiles.Pickle().number(value).bytes();
  }

  private static String quoted(byte[] op) {
    return new String(op, 5, op.length - 5, StandardCharsets.UTF_8);
  }

  private static byte[] text(String text) {
    return new TorchFiles.Pickle().text(text).bytes();
  }

  private static List<byte[]> ops(byte[] pickle) {
    List<byte[]> ops = new ArrayList<>();
    int from = 0;
    while (from < pickle.length) {
      int to = from + length(pickle, from);
      ops.add(Arrays.copyOfRange(pickle, from, to));
      from = to;
    }
    return ops;
  }

  /** How long the instruction at a place is, of those that the project's own pickles have. */
  private static int length(byte[] pickle, int from) {
    return switch (pickle[from] & 0xff) {
      case 'J' -> 5;
      case 'X' -> 5 + little(pickle).getInt(from + 1);
      case 'q', 'h', 'K', 0x80 -> 2;
      case 0x8a -> 2 + pickle[from + 1];
      case 'c' -> line(pickle, line(pickle, from)) - from;
      default -> 1;
    };
  }

  private static int line(byte[] pickle, int from) {
    int at = from;
    while (pickle[at] != '\n') {
      at++;
    }
    return at + 1;
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
