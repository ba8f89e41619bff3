package io.prunegrid.format;

import io.prunegrid.format.PickleValue.Ignored;
import io.prunegrid.format.PickleValue.Tuple;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads Python pickles as data. It executes nothing: names are looked up in the allow-list of
 * {@link TorchObjects}, calls only ever build the plain values of {@link PickleValue}, and every
 * step and every element copied is counted, so that no file makes it work or store more than a
 * checkpoint of weights needs.
 */
final class PickleMachine {
  /** About forty steps describe one tensor. */
  private static final int MAX_WORK = 2_000_000;

  private static final int LONGEST_NUMBER = 1 << 10;

  private final PickleInput in;
  private final TorchObjects objects;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private int work;

  private PickleMachine(PickleInput in, TorchObjects objects) {
    this.in = in;
    this.objects = objects;
  }

  /** Reads the next pickle and leaves the input behind its last byte. */
  static Object read(PickleInput in, TorchObjects objects) throws IOException {
    PickleMachine machine = new PickleMachine(in, objects);
    while (true) {
      long at = in.position();
      int opcode = in.unsignedByte();
      machine.charge(1);
      if (opcode == '.') {
        return machine.pop();
      }
      try {
        if (!machine.push(opcode)) {
          machine.change(opcode, at);
        }
      } catch (NumberFormatException e) {
        throw new Malformed("holds no number where one belongs, before byte " + in.position());
      }
    }
  }

  /** Opcodes that only put a value on the stack; false for all others. */
  private boolean push(int opcode) throws IOException {
    Object value =
        switch (opcode) {
          case 'N' -> Ignored.NONE;
          case 0x88 -> true;
          case 0x89 -> false;
          case 'I' -> integerLine();
          case 'L' -> longLine();
          case 'J' -> (long) in.signedInt();
          case 'K' -> (long) in.unsignedByte();
          case 'M' -> (long) in.unsignedShort();
          case 0x8a -> bigInteger(in.unsignedByte());
          case 0x8b -> bigInteger(in.signedInt());
          case 'F' -> Double.valueOf(in.line());
          case 'G' -> in.bigEndianDouble();
          case 'S' -> unquoted(in.line());
          case 'V' -> in.line();
          case 'T' -> in.text(in.signedInt());
          case 'U', 0x8c -> in.text(in.unsignedByte());
          case 'X' -> in.text(in.unsignedInt());
          case 0x8d -> in.text(in.signedLong());
          case 'B' -> in.bytes(in.unsignedInt());
          case 'C' -> in.bytes(in.unsignedByte());
          case 0x8e, 0x96 -> in.bytes(in.signedLong());
          case ']' -> new ArrayList<>(0);
          case '}' -> new LinkedHashMap<>(0);
          case 0x8f -> Ignored.OBJECT;
          case ')' -> new Tuple(List.of());
          case 'g' -> recall(Long.parseLong(in.line()));
          case 'h' -> recall(in.unsignedByte());
          case 'j' -> recall(in.unsignedInt());
          case 'c' -> objects.global(in.line(), in.line(), in.position());
          case 'P' -> objects.persistent(in.line());
          default -> null;
        };
    if (value != null) {
      stack.add(value);
    }
    return value != null;
  }

  /** Opcodes that change what is on the stack. */
  private void change(int opcode, long at) throws IOException {
    switch (opcode) {
      case 0x80 -> expectProtocol(in.unsignedByte());
      case 0x95 -> in.signedLong();
      case '(' -> marks.add(stack.size());
      case '0' -> pop();
      case '1' -> popToMark();
      case '2' -> stack.add(top());
      case 'p' -> memo.put(Long.parseLong(in.line()), top());
      case 'q' -> memo.put((long) in.unsignedByte(), top());
      case 'r' -> memo.put(in.unsignedInt(), top());
      case 0x94 -> memo.put((long) memo.size(), top());
      case 'l' -> stack.add(popToMark());
      case 't' -> stack.add(new Tuple(popToMark()));
      case 0x85 -> stack.add(new Tuple(pop(1)));
      case 0x86 -> stack.add(new Tuple(pop(2)));
      case 0x87 -> stack.add(new Tuple(pop(3)));
      case 'd' -> {
        List<Object> items = popToMark();
        stack.add(new LinkedHashMap<>());
        put(items);
      }
      case 'a' -> append(pop(1));
      case 'e' -> append(popToMark());
      case 's' -> put(pop(2));
      case 'u' -> put(popToMark());
      case 0x90 -> popToMark();
      case 0x91 -> {
        popToMark();
        stack.add(Ignored.OBJECT);
      }
      case 0x93 -> {
        List<Object> names = pop(2);
        stack.add(objects.global(string(names.get(0)), string(names.get(1)), in.position()));
      }
      case 'R', 0x81 -> {
        List<Object> call = pop(2);
        charge(TorchObjects.size(call.get(1)));
        stack.add(objects.call(call.get(0), call.get(1), in.position()));
      }
      case 'b' -> {
        pop();
        objects.expectBuildable(top(), in.position());
      }
      case 'Q' -> stack.add(objects.persistent(pop()));
      default ->
          throw new Malformed(
              String.format("holds at byte %d the unknown pickle opcode 0x%02x", at, opcode));
    }
  }

  private void charge(long steps) throws IOException {
    work += (int) Math.min(steps, MAX_WORK);
    if (work > MAX_WORK) {
      throw new Malformed(
          "describes more than a checkpoint of weights does: over " + MAX_WORK + " pickle steps");
    }
  }

  private static void expectProtocol(int protocol) throws IOException {
    if (protocol > 5) {
      throw new Malformed("is pickled by protocol " + protocol + "; known are 0 to 5");
    }
  }

  private Object top() throws IOException {
    expect(1);
    return stack.get(stack.size() - 1);
  }

  private Object pop() throws IOException {
    expect(1);
    return stack.remove(stack.size() - 1);
  }

  private List<Object> pop(int count) throws IOException {
    expect(count);
    return cut(stack.size() - count);
  }

  private List<Object> popToMark() throws IOException {
    if (marks.isEmpty()) {
      throw new Malformed("misses a mark on the pickle stack before byte " + in.position());
    }
    return cut(marks.remove(marks.size() - 1));
  }

  private List<Object> cut(int from) {
    List<Object> tail = stack.subList(from, stack.size());
    List<Object> items = new ArrayList<>(tail);
    tail.clear();
    return items;
  }

  /** Values below the last mark are out of reach, as they are for Python. */
  private void expect(int count) throws IOException {
    int floor = marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    if (stack.size() - floor < count) {
      throw new Malformed(
          "takes more from the pickle stack than is there, before byte " + in.position());
    }
  }

  private Object recall(long index) throws IOException {
    Object value = memo.get(index);
    if (value == null) {
      throw new Malformed(
          "recalls value " + index + ", which was never kept, before byte " + in.position());
    }
    return value;
  }

  @SuppressWarnings("unchecked")
  private void append(List<Object> items) throws IOException {
    Object target = top();
    if (target instanceof List<?> list) {
      ((List<Object>) list).addAll(items);
    } else if (target != Ignored.OBJECT) {
      throw new Malformed("appends to what is no list, before byte " + in.position());
    }
  }

  @SuppressWarnings("unchecked")
  private void put(List<Object> items) throws IOException {
    Object target = top();
    if (items.size() % 2 != 0) {
      throw new Malformed("has a key without a value before byte " + in.position());
    }
    if (target instanceof Map<?, ?> map) {
      for (int i = 0; i < items.size(); i += 2) {
        ((Map<Object, Object>) map).put(TorchObjects.key(items.get(i)), items.get(i + 1));
      }
    } else if (target != Ignored.OBJECT) {
      throw new Malformed("sets an item of what is no dict, before byte " + in.position());
    }
  }

  private String string(Object value) throws IOException {
    if (value instanceof String text) {
      return text;
    }
    throw new Malformed("holds no name where one belongs, before byte " + in.position());
  }

  private Object integerLine() throws IOException {
    String line = in.line();
    return switch (line) {
      case "00" -> false;
      case "01" -> true;
      default -> number(line);
    };
  }

  private Object longLine() throws IOException {
    String line = in.line();
    return number(line.endsWith("L") ? line.substring(0, line.length() - 1) : line);
  }

  private static Object number(String digits) {
    return narrow(new BigInteger(digits));
  }

  private Object bigInteger(int count) throws IOException {
    if (count < 0 || count > LONGEST_NUMBER) {
      throw new Malformed("holds a number of " + count + " bytes before byte " + in.position());
    }
    byte[] bytes = in.bytes(count);
    for (int i = 0, j = bytes.length - 1; i < j; i++, j--) {
      byte swapped = bytes[i];
      bytes[i] = bytes[j];
      bytes[j] = swapped;
    }
    return bytes.length == 0 ? 0L : narrow(new BigInteger(bytes));
  }

  private static Object narrow(BigInteger value) {
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  /** A Python string literal without its quotes; escapes stay as written. */
  private static String unquoted(String literal) {
    boolean quoted =
        literal.length() > 1
            && (literal.startsWith("'") || literal.startsWith("\""))
            && literal.charAt(0) == literal.charAt(literal.length() - 1);
    return quoted ? literal.substring(1, literal.length() - 1) : literal;
  }
}
