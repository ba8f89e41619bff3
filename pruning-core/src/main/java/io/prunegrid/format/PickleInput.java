package io.prunegrid.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The bytes of one or more pickles in a row; never takes memory for bytes that are not there. */
final class PickleInput {
  private static final int LONGEST_LINE = 1 << 12;
  private static final long LONGEST_STRING = 1 << 26;

  private final InputStream in;
  private final long length;
  private long position;

  /**
   * Reads the bytes in order.
   *
   * @param in buffered, at the first byte
   * @param length how many bytes there are
   */
  PickleInput(InputStream in, long length) {
    this.in = in;
    this.length = length;
  }

  /** How many bytes have been read. */
  long position() {
    return position;
  }

  int unsignedByte() throws IOException {
    int value = in.read();
    if (value < 0) {
      throw new Malformed("ends at byte " + position + ", in the middle of a pickle");
    }
    position++;
    return value;
  }

  int unsignedShort() throws IOException {
    return little(2).getShort(0) & 0xffff;
  }

  int signedInt() throws IOException {
    return little(4).getInt(0);
  }

  long unsignedInt() throws IOException {
    return signedInt() & 0xffffffffL;
  }

  long signedLong() throws IOException {
    return little(8).getLong(0);
  }

  double bigEndianDouble() throws IOException {
    return ByteBuffer.wrap(bytes(8)).getDouble();
  }

  byte[] bytes(long count) throws IOException {
    if (count < 0 || count > length - position) {
      throw new Malformed(
          "asks at byte "
              + position
              + " for "
              + Long.toUnsignedString(count)
              + " bytes, but only "
              + (length - position)
              + " follow");
    }
    if (count > LONGEST_STRING) {
      throw new Malformed(
          "holds at byte " + position + " a string of " + count + " bytes, which no name needs");
    }
    byte[] bytes = in.readNBytes((int) count);
    position += bytes.length;
    if (bytes.length < count) {
      throw new Malformed("ends at byte " + position + ", in the middle of a pickle");
    }
    return bytes;
  }

  String text(long count) throws IOException {
    return new String(bytes(count), StandardCharsets.UTF_8);
  }

  /** Text up to a line feed, which is left out. */
  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = unsignedByte(); c != '\n'; c = unsignedByte()) {
      if (line.length() == LONGEST_LINE) {
        throw new Malformed("holds at byte " + position + " a line of more than 4096 characters");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private ByteBuffer little(int count) throws IOException {
    return ByteBuffer.wrap(bytes(count)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
