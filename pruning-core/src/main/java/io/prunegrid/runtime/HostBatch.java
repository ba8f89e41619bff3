package io.prunegrid.runtime;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Host memory through which a session's batches go to the device, allocated once; every image that
 * a network sees comes through here and is counted. On the CPU the native array is a view of it,
 * valid until the next batch.
 */
final class HostBatch {
  private final Shape image;
  private ByteBuffer bytes = ByteBuffer.allocateDirect(0);

  private final Order order;
  private final ImageCounts.Purpose purpose;

  HostBatch(Shape image, Order order, ImageCounts.Purpose purpose) {
    this.image = image;
    this.purpose = purpose;
    this.order = image.rank() == 3 ? order : Order.CHANNELS_FIRST;
  }

  /** How an image lies in native memory; its shape is the same. */
  enum Order {
    CHANNELS_FIRST,
    CHANNELS_LAST
  }

  /**
   * A native array of a batch.
   *
   * @param images {@code (n, channel, height, width)}
   * @param first position of the first image
   * @param n number of images
   */
  PtNDArray upload(PtNDManager manager, float[] images, int first, int n) {
    int size = Math.toIntExact(image.size());
    int length = Math.multiplyExact(n, size);
    if (n < 1 || images.length < (long) (first + n) * size) {
      throw new IllegalArgumentException(
          n + " images of " + image + " need " + length + " values, found " + images.length);
    }
    ImageCounts.add(purpose, n);
    if (bytes.capacity() < 4 * length) {
      bytes = ByteBuffer.allocateDirect(4 * length).order(ByteOrder.nativeOrder());
    }
    bytes.clear();
    bytes.limit(4 * length);
    FloatBuffer values = bytes.asFloatBuffer();
    if (order == Order.CHANNELS_FIRST) {
      values.put(images, first * size, length);
      return array(manager, batched(n, image.toLongs()));
    }
    for (int i = 0; i < n; i++) {
      putChannelsLast(images, (first + i) * size, values, i * size);
    }
    try (PtNDArray lying =
        array(manager, new long[] {n, image.dim(1), image.dim(2), image.channels()})) {
      return JniUtils.permute(lying, new long[] {0, 3, 1, 2});
    }
  }

  private void putChannelsLast(float[] from, int source, FloatBuffer to, int target) {
    int channels = image.channels();
    int positions = image.positions();
    for (int c = 0; c < channels; c++) {
      int plane = source + c * positions;
      for (int p = 0; p < positions; p++) {
        to.put(target + p * channels + c, from[plane + p]);
      }
    }
  }

  private static long[] batched(int n, long[] image) {
    long[] shape = new long[image.length + 1];
    shape[0] = n;
    System.arraycopy(image, 0, shape, 1, image.length);
    return shape;
  }

  private PtNDArray array(PtNDManager manager, long[] shape) {
    return JniUtils.createNdFromByteBuffer(
        manager,
        bytes,
        new ai.djl.ndarray.types.Shape(shape),
        DataType.FLOAT32,
        SparseFormat.DENSE,
        manager.getDevice());
  }
}
