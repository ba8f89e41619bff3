package io.prunegrid.format.onnx;

import io.prunegrid.format.Bytes;
import io.prunegrid.format.ElementType;
import io.prunegrid.format.Malformed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor of the file, its elements still there. Elements are as many as the dimensions say; that
 * is checked when the tensor is found, before anything is reserved for it.
 */
final class OnnxTensor {
  private static final int CHUNK = 1 << 13;

  private final String name;
  private final ElementType type;
  private final int[] dims;
  private final int size;
  private final Bytes raw;
  private final Numbers listed;

  /**
   * @param raw the elements as bytes; null where they are listed
   * @param listed the elements as whole numbers or as the bits of doubles; null where raw
   */
  OnnxTensor(String name, ElementType type, int[] dims, int size, Bytes raw, Numbers listed) {
    this.name = name;
    this.type = type;
    this.dims = dims;
    this.size = size;
    this.raw = raw;
    this.listed = listed;
  }

  String name() {
    return name;
  }

  ElementType type() {
    return type;
  }

  int[] dims() {
    return dims.clone();
  }

  int size() {
    return size;
  }

  boolean isHalf() {
    return type == ElementType.FLOAT16 || type == ElementType.BFLOAT16;
  }

  boolean isFloating() {
    return switch (type) {
      case FLOAT64, FLOAT32, FLOAT16, BFLOAT16 -> true;
      default -> false;
    };
  }

  /** All elements as floats. */
  float[] floats() throws IOException {
    float[] values = new float[size];
    if (listed != null) {
      if (type == ElementType.FLOAT32 || type == ElementType.FLOAT64) {
        double[] doubles = listed.toDoubles();
        for (int i = 0; i < size; i++) {
          values[i] = (float) doubles[i];
        }
        return values;
      }
      byte[] halves = new byte[2 * size];
      ByteBuffer buffer = ByteBuffer.wrap(halves).order(ByteOrder.LITTLE_ENDIAN);
      for (long value : listed.toLongs()) {
        buffer.putShort((short) value);
      }
      type.decode(buffer.rewind(), values, 0, size);
      return values;
    }
    byte[] bytes = new byte[Math.min(CHUNK, size) * type.bytes()];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try (InputStream in = raw.open(0)) {
      for (int done = 0; done < size; ) {
        int count = Math.min(CHUNK, size - done);
        fill(in, bytes, count * type.bytes());
        type.decode(buffer, values, done, count);
        done += count;
      }
    }
    return values;
  }

  /** All elements as whole numbers; true is 1. */
  long[] longs() throws IOException {
    if (listed != null) {
      return listed.toLongs();
    }
    byte[] bytes = new byte[size * type.bytes()];
    try (InputStream in = raw.open(0)) {
      fill(in, bytes, bytes.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long[] values = new long[size];
    Arrays.setAll(
        values,
        i ->
            switch (type) {
              case INT64 -> buffer.getLong(8 * i);
              case INT32 -> buffer.getInt(4 * i);
              case INT16 -> buffer.getShort(2 * i);
              case INT8 -> buffer.get(i);
              default -> buffer.get(i) & 0xff;
            });
    return values;
  }

  private static void fill(InputStream in, byte[] to, int count) throws IOException {
    if (in.readNBytes(to, 0, count) < count) {
      throw new Malformed("ends early");
    }
  }
}
