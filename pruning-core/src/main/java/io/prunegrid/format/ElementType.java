package io.prunegrid.format;

import java.nio.ByteBuffer;
import java.util.Locale;

/** How one element of a stored tensor is encoded; little-endian throughout. */
public enum ElementType {
  FLOAT64(8),
  FLOAT32(4),
  FLOAT16(2),
  BFLOAT16(2),
  INT64(8),
  INT32(4),
  INT16(2),
  INT8(1),
  UINT8(1),
  BOOL(1),
  COMPLEX64(8),
  COMPLEX128(16);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  public int bytes() {
    return bytes;
  }

  boolean isFloating() {
    return this == FLOAT64 || this == FLOAT32 || this == FLOAT16 || this == BFLOAT16;
  }

  boolean isComplex() {
    return this == COMPLEX64 || this == COMPLEX128;
  }

  /**
   * Decodes elements into floats, rounding where float32 cannot hold them.
   *
   * @param from little-endian, read from index 0
   */
  public void decode(ByteBuffer from, float[] to, int offset, int count) {
    switch (this) {
      case FLOAT32 -> from.asFloatBuffer().get(to, offset, count);
      case FLOAT64 -> {
        for (int i = 0; i < count; i++) {
          to[offset + i] = (float) from.getDouble(8 * i);
        }
      }
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          to[offset + i] = half(from.getShort(2 * i));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < count; i++) {
          to[offset + i] = Float.intBitsToFloat(from.getShort(2 * i) << 16);
        }
      }
      case INT64 -> {
        for (int i = 0; i < count; i++) {
          to[offset + i] = from.getLong(8 * i);
        }
      }
      case INT32 -> {
        for (int i = 0; i < count; i++) {
          to[offset + i] = from.getInt(4 * i);
        }
      }
      case INT16 -> {
        for (int i = 0; i < count; i++) {
          to[offset + i] = from.getShort(2 * i);
        }
      }
      case INT8 -> {
        for (int i = 0; i < count; i++) {
          to[offset + i] = from.get(i);
        }
      }
      case UINT8, BOOL -> {
        for (int i = 0; i < count; i++) {
          to[offset + i] = from.get(i) & 0xff;
        }
      }
      case COMPLEX64, COMPLEX128 ->
          throw new IllegalStateException(this + " has no value as one float");
    }
  }

  /** IEEE 754 binary16 to binary32, exact. */
  private static float half(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >> 10 & 0x1f;
    int mantissa = bits & 0x3ff;
    if (exponent == 0) {
      float subnormal = mantissa * 0x1p-24f;
      return sign == 0 ? subnormal : -subnormal;
    }
    int wide = exponent == 0x1f ? 0xff : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | wide << 23 | mantissa << 13);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
