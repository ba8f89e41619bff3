package io.prunegrid.format;

import java.io.ByteArrayInputStream;
import java.io.InputStream;

/** Bytes that are in memory already. */
public final class MemoryBytes implements Bytes {
  private final byte[] bytes;

  public MemoryBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public String name() {
    return "the data";
  }

  @Override
  public InputStream open(long from) {
    int start = (int) Math.min(from, bytes.length);
    return new ByteArrayInputStream(bytes, start, bytes.length - start);
  }
}
