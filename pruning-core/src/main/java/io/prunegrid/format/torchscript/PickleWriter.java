package io.prunegrid.format.torchscript;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the few things of Python's pickle format, protocol 2, that an archive's objects need. */
final class PickleWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  PickleWriter() {
    op(0x80).op(2);
  }

  private PickleWriter op(int code) {
    bytes.write(code);
    return this;
  }

  /** A class or function by its module and name. */
  PickleWriter global(String module, String name) {
    op('c');
    bytes.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  PickleWriter text(String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    op('X').little(text.length);
    bytes.writeBytes(text);
    return this;
  }

  PickleWriter number(int value) {
    return op('J').little(value);
  }

  PickleWriter truth(boolean value) {
    return op(value ? 0x88 : 0x89);
  }

  PickleWriter emptyTuple() {
    return op(')');
  }

  PickleWriter mark() {
    return op('(');
  }

  /** What stands behind the last mark, as a tuple. */
  PickleWriter tuple() {
    return op('t');
  }

  /** Calls the function that stands in front of the tuple on top. */
  PickleWriter call() {
    return op('R');
  }

  /** The object that the identifier on top stands for. */
  PickleWriter persistent() {
    return op('Q');
  }

  /** Begins an object of the class on top with attributes, name and value by turns. */
  PickleWriter beginObject() {
    return op(')').op(0x81).op('}').op('(');
  }

  PickleWriter endObject() {
    return op('u').op('b');
  }

  byte[] end() {
    op('.');
    return bytes.toByteArray();
  }

  private PickleWriter little(int value) {
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      bytes.write(value >> shift & 0xff);
    }
    return this;
  }
}
