package io.prunegrid.runtime;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Copies host values into arrays that own their native memory. The binding's own way leaves an
 * array on top of a Java buffer, whose memory comes back only when the garbage collector happens to
 * run; here one small buffer a thread is used again and again.
 */
final class Staging {
  private static final int CHUNK = 1 << 18;
  private static final ThreadLocal<ByteBuffer> BUFFER =
      ThreadLocal.withInitial(
          () -> ByteBuffer.allocateDirect(8 * CHUNK).order(ByteOrder.nativeOrder()));

  private Staging() {}

  /**
   * Uploads floats.
   *
   * @param values as many as the shape holds
   */
  static PtNDArray floats(PtNDManager manager, FloatBuffer values, long... shape) {
    int length = values.remaining();
    PtNDArray whole =
        JniUtils.createEmptyNdArray(
            manager, new Shape(length), DataType.FLOAT32, manager.getDevice(), SparseFormat.DENSE);
    for (int from = 0; from < length; from += CHUNK) {
      int n = Math.min(CHUNK, length - from);
      ByteBuffer buffer = BUFFER.get().clear();
      buffer.asFloatBuffer().put(values.slice(from, n));
      buffer.limit(4 * n);
      try (PtNDArray chunk = view(manager, buffer, n, DataType.FLOAT32)) {
        JniUtils.indexSet(whole, chunk, new long[] {from}, new long[] {from + n}, new long[] {1});
      }
    }
    try (whole) {
      return JniUtils.reshape(whole, shape);
    }
  }

  /** Uploads whole numbers, at most as many as the buffer holds, as 64-bit integers. */
  static PtNDArray longs(PtNDManager manager, int[] values, int n, long... shape) {
    if (n > CHUNK) {
      throw new IllegalArgumentException("at most " + CHUNK + " numbers at a time, found " + n);
    }
    ByteBuffer buffer = BUFFER.get().clear();
    for (int i = 0; i < n; i++) {
      buffer.putLong(8 * i, values[i]);
    }
    buffer.limit(8 * n);
    try (PtNDArray view = view(manager, buffer, n, DataType.INT64);
        PtNDArray own = JniUtils.clone(view)) {
      return JniUtils.reshape(own, shape);
    }
  }

  /** A single number that takes part in element-by-element arithmetic. */
  static PtNDArray scalar(PtNDManager manager, double value) {
    Device device = manager.getDevice();
    return JniUtils.full(manager, new Shape(), value, DataType.FLOAT32, device, SparseFormat.DENSE);
  }

  private static PtNDArray view(PtNDManager manager, ByteBuffer buffer, int n, DataType type) {
    return JniUtils.createNdFromByteBuffer(
        manager, buffer, new Shape(n), type, SparseFormat.DENSE, manager.getDevice());
  }
}
