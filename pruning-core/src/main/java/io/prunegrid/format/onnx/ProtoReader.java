package io.prunegrid.format.onnx;

import io.prunegrid.format.Bytes;
import io.prunegrid.format.Malformed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads protobuf's wire format at any position of a file, through a window of it. Lengths are
 * checked before anything is read or reserved: no field reaches beyond the message around it.
 */
final class ProtoReader {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int DELIMITED = 2;
  static final int FIXED32 = 5;

  private static final int WINDOW = 1 << 14;
  private static final int LONGEST_TEXT = 1 << 16;

  private final Bytes bytes;
  private final byte[] window = new byte[WINDOW];
  private long windowStart;
  private int windowLength;

  ProtoReader(Bytes bytes) {
    this.bytes = bytes;
  }

  Bytes bytes() {
    return bytes;
  }

  /** The whole file as one message. */
  Message whole() {
    return new Message(0, bytes.length());
  }

  private byte at(long position) throws IOException {
    if (position < windowStart || position >= windowStart + windowLength) {
      try (InputStream in = bytes.open(position)) {
        windowStart = position;
        windowLength = in.readNBytes(window, 0, WINDOW);
      }
      if (windowLength == 0) {
        throw new Malformed("ends early, at byte " + position);
      }
    }
    return window[(int) (position - windowStart)];
  }

  /** A stretch of the file. */
  record Span(long offset, long length) {}

  /** The fields of one message, one after the other. */
  final class Message {
    private final long end;
    private long position;
    private long fieldStart;
    private int field;
    private int wire;

    private Message(long start, long end) {
      this.position = start;
      this.end = end;
    }

    /** Goes on to the next field; its value is then to be read or skipped. */
    boolean next() throws IOException {
      if (position >= end) {
        return false;
      }
      fieldStart = position;
      long tag = rawVarint();
      field = (int) (tag >>> 3);
      wire = (int) (tag & 7);
      if (tag >>> 32 != 0 || field == 0) {
        throw damaged("no field begins");
      }
      return true;
    }

    int field() {
      return field;
    }

    /** Whether the value is packed, or a message or text. */
    boolean isDelimited() {
      return wire == DELIMITED;
    }

    long varint() throws IOException {
      expect(VARINT);
      return rawVarint();
    }

    float fixedFloat() throws IOException {
      expect(FIXED32);
      return Float.intBitsToFloat((int) little(4));
    }

    double fixedDouble() throws IOException {
      expect(FIXED64);
      return Double.longBitsToDouble(little(8));
    }

    Message message() throws IOException {
      Span span = span();
      return new Message(span.offset, span.offset + span.length);
    }

    /** Where the value's bytes lie. */
    Span span() throws IOException {
      expect(DELIMITED);
      long length = rawVarint();
      if (length < 0 || length > end - position) {
        throw damaged("a value of " + Long.toUnsignedString(length) + " bytes begins");
      }
      Span span = new Span(position, length);
      position += length;
      return span;
    }

    String text() throws IOException {
      Span span = span();
      if (span.length == 0) {
        return "";
      }
      if (span.length > LONGEST_TEXT) {
        throw damaged("a name of " + span.length + " bytes begins");
      }
      byte[] text = new byte[(int) span.length];
      for (int i = 0; i < text.length; i++) {
        text[i] = at(span.offset + i);
      }
      return new String(text, StandardCharsets.UTF_8);
    }

    /** The numbers of a repeated field, which may be packed. */
    void varints(Numbers to) throws IOException {
      if (!isDelimited()) {
        to.add(varint());
        return;
      }
      Message packed = message();
      while (packed.position < packed.end) {
        to.add(packed.rawVarint());
      }
    }

    /** The floats of a repeated field, which may be packed. */
    void floats(Numbers to) throws IOException {
      if (!isDelimited()) {
        to.add(Double.doubleToRawLongBits(fixedFloat()));
        return;
      }
      Message packed = message();
      while (packed.position < packed.end) {
        to.add(Double.doubleToRawLongBits(Float.intBitsToFloat((int) packed.little(4))));
      }
    }

    /** The doubles of a repeated field, which may be packed. */
    void doubles(Numbers to) throws IOException {
      if (!isDelimited()) {
        to.add(Double.doubleToRawLongBits(fixedDouble()));
        return;
      }
      Message packed = message();
      while (packed.position < packed.end) {
        to.add(packed.little(8));
      }
    }

    void skip() throws IOException {
      switch (wire) {
        case VARINT -> rawVarint();
        case FIXED64 -> little(8);
        case DELIMITED -> span();
        case FIXED32 -> little(4);
        default -> throw damaged("a field of no known kind begins");
      }
    }

    private void expect(int expected) throws IOException {
      if (wire != expected) {
        throw damaged("field " + field + " has the wrong kind, which begins");
      }
    }

    private long rawVarint() throws IOException {
      long value = 0;
      for (int shift = 0; shift < 70; shift += 7) {
        if (position >= end) {
          throw damaged("a number is cut off, which begins");
        }
        byte next = at(position++);
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw damaged("a number without end begins");
    }

    private long little(int count) throws IOException {
      if (count > end - position) {
        throw damaged("a number is cut off, which begins");
      }
      long value = 0;
      for (int i = 0; i < count; i++) {
        value |= (long) (at(position++) & 0xff) << (8 * i);
      }
      return value;
    }

    private Malformed damaged(String what) {
      return new Malformed("is a damaged ONNX file: " + what + " at byte " + fieldStart);
    }
  }
}
