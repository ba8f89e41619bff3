package io.prunegrid.format;

import java.io.IOException;
import java.io.InputStream;

/** A stretch of bytes of known length that can be read from any position. */
public interface Bytes {
  long length();

  /** The bytes from this position on; the caller closes. */
  InputStream open(long from) throws IOException;

  /** What to call it in a message. */
  String name();

  /** A part of these bytes. */
  default Bytes slice(long offset, long length, String name) {
    if (offset < 0 || length < 0 || offset > length() - length) {
      throw new IllegalArgumentException(
          name + " reaches from " + offset + " over " + length + " of " + length() + " bytes");
    }
    Bytes whole = this;
    return new Bytes() {
      @Override
      public long length() {
        return length;
      }

      @Override
      public InputStream open(long from) throws IOException {
        return whole.open(offset + from);
      }

      @Override
      public String name() {
        return name;
      }
    };
  }
}
