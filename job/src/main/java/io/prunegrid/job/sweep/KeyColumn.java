package io.prunegrid.job.sweep;

import java.util.Arrays;
import java.util.HexFormat;

/** A growing list of SHA-256 keys, 32 bytes each. */
final class KeyColumn {
  private static final int BYTES = 32;
  private static final HexFormat HEX = HexFormat.of();

  private byte[] bytes = new byte[BYTES * 64];
  private int size;

  int size() {
    return size;
  }

  /**
   * Appends a key.
   *
   * @param hex 64 hexadecimal digits
   * @return its position
   */
  int add(String hex) {
    if (hex.length() != 2 * BYTES) {
      throw new IllegalArgumentException("a key has 64 digits, found '" + hex + "'");
    }
    int at = Math.multiplyExact(size, BYTES);
    if (at == bytes.length) {
      long wanted = Math.min(Integer.MAX_VALUE - 64L, bytes.length * 3L / 2);
      bytes = Arrays.copyOf(bytes, (int) (wanted / BYTES * BYTES));
    }
    for (int i = 0; i < BYTES; i++) {
      bytes[at + i] =
          (byte)
              (Character.digit(hex.charAt(2 * i), 16) << 4
                  | Character.digit(hex.charAt(2 * i + 1), 16));
    }
    return size++;
  }

  /** Takes the last key away. */
  void removeLast() {
    size--;
  }

  String hex(int position) {
    return HEX.formatHex(bytes, position * BYTES, (position + 1) * BYTES);
  }

  boolean equal(int one, int other) {
    return Arrays.equals(
        bytes, one * BYTES, (one + 1) * BYTES, bytes, other * BYTES, (other + 1) * BYTES);
  }

  /** Some bits of the key, which are as good as a hash. */
  int bits(int position) {
    int at = position * BYTES;
    return bytes[at] << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | (bytes[at + 3] & 0xff);
  }
}
