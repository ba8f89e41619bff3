package io.prunegrid.runtime;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Host memory through which a session's batches go to the device, allocated once. On the CPU the
 * native array is a view of it, valid until the next batch.
 */
final class HostBatch {
  private final Shape image;
  private ByteBuffer bytes = ByteBuffer.allocateDirect(0);

  HostBatch(Shape image) {
    this.image = image;
  }

  /**
   * A native array of a batch.
   *
   * @param images {@code (n, channel, height, width)}, at least that long
   */
  PtNDArray upload(PtNDManager manager, float[] images, int n) {
    int length = Math.toIntExact(n * image.size());
    if (n < 1 || images.length < length) {
      throw new IllegalArgumentException(
          n + " images of " + image + " need " + length + " values, found " + images.length);
    }
    if (bytes.capacity() < 4 * length) {
      bytes = ByteBuffer.allocateDirect(4 * length).order(ByteOrder.nativeOrder());
    }
    bytes.clear();
    bytes.asFloatBuffer().put(images, 0, length);
    bytes.limit(4 * length);
    long[] shape = new long[image.rank() + 1];
    shape[0] = n;
    System.arraycopy(image.toLongs(), 0, shape, 1, image.rank());
    return JniUtils.createNdFromByteBuffer(
        manager,
        bytes,
        new ai.djl.ndarray.types.Shape(shape),
        DataType.FLOAT32,
        SparseFormat.DENSE,
        manager.getDevice());
  }
}
