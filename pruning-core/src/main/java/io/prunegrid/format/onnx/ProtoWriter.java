package io.prunegrid.format.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes protobuf's wire format into memory: one message, field by field. */
final class ProtoWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** A whole number. */
  ProtoWriter number(int field, long value) {
    tag(field, ProtoReader.VARINT);
    varint(value);
    return this;
  }

  ProtoWriter real(int field, float value) {
    tag(field, ProtoReader.FIXED32);
    bytes.writeBytes(
        ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    return this;
  }

  ProtoWriter text(int field, String value) {
    return content(field, value.getBytes(StandardCharsets.UTF_8));
  }

  ProtoWriter message(int field, ProtoWriter message) {
    return content(field, message.toBytes());
  }

  ProtoWriter content(int field, byte[] content) {
    head(field, content.length);
    bytes.writeBytes(content);
    return this;
  }

  /** What comes in front of a value of this many bytes, which the caller writes itself. */
  ProtoWriter head(int field, long length) {
    tag(field, ProtoReader.DELIMITED);
    varint(length);
    return this;
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }

  int size() {
    return bytes.size();
  }

  private void tag(int field, int wire) {
    varint(((long) field << 3) | wire);
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }
}
