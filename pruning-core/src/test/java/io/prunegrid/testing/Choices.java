package io.prunegrid.testing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Decisions read off a string of bytes, so that a fuzzer that changes the bytes changes decisions.
 * Bytes that are spent give zeros, and zero always means the plainest choice.
 */
public final class Choices {
  private static final long[] NUMBERS = {
    0,
    1,
    2,
    3,
    -1,
    -2,
    7,
    8,
    255,
    256,
    65_535,
    65_536,
    1L << 20,
    1L << 31,
    (1L << 31) - 1,
    -(1L << 31),
    1L << 32,
    1L << 40,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };
  private static final List<String> TEXTS =
      List.of(
          "",
          "x",
          "weight",
          "conv1.weight",
          "../../outside",
          "/etc/passwd",
          "a/../b",
          "\u0000",
          "\ud83d\ude00",
          "NaN",
          "1e999",
          "*",
          "long ".repeat(60));

  private final byte[] bytes;
  private int at;

  public Choices(byte[] bytes) {
    this.bytes = bytes.clone();
  }

  private int next() {
    return at < bytes.length ? bytes[at++] & 0xff : 0;
  }

  /** From 0 to {@code bound} - 1. */
  public int below(int bound) {
    int value = bound > 256 ? (next() << 8) | next() : next();
    return value % Math.max(1, bound);
  }

  public <T> T of(List<T> values) {
    return values.get(below(values.size()));
  }

  /** Whether something is done that happens once in so many times. */
  public boolean onceIn(int times) {
    return below(times) == times - 1;
  }

  /** A number that is at the edge of something, or a small one. */
  public long number() {
    int kind = below(NUMBERS.length + 4);
    return kind < NUMBERS.length ? NUMBERS[kind] : next();
  }

  /** Text that is special to someone, or a short one of the fuzzer's. */
  public String text() {
    int kind = below(TEXTS.size() + 4);
    if (kind < TEXTS.size()) {
      return TEXTS.get(kind);
    }
    int length = below(12);
    byte[] text = new byte[length];
    for (int i = 0; i < length; i++) {
      text[i] = (byte) next();
    }
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** The same bytes most of the time; else some of them changed, left out or put in. */
  public byte[] damaged(byte[] file) {
    if (file.length == 0 || !onceIn(12)) {
      return file;
    }
    int place = below(Math.min(file.length, 65_536));
    switch (below(3)) {
      case 0 -> {
        byte[] changed = file.clone();
        changed[place] = (byte) next();
        return changed;
      }
      case 1 -> {
        return Arrays.copyOf(file, place);
      }
      default -> {
        byte[] longer = Arrays.copyOf(file, file.length + 1 + below(16));
        System.arraycopy(
            file, place, longer, longer.length - file.length + place, file.length - place);
        return longer;
      }
    }
  }

  /** As many bytes of data, with values of the fuzzer's. */
  public byte[] data(int count) {
    byte[] data = new byte[count];
    for (int i = 0; i < Math.min(count, 4); i++) {
      data[i] = (byte) next();
    }
    return data;
  }
}
