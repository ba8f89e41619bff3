package io.prunegrid.runtime;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Inner products of all pairs of some vectors, in double on the device, a part of them at a time.
 */
final class InnerProducts {
  /** Values of vectors that are on the device at a time. */
  private static final int CHUNK = 1 << 23;

  private InnerProducts() {}

  static double[] of(PtNDManager manager, Vectors vectors) {
    int count = vectors.count();
    int chunk = Math.max(1, Math.min(vectors.length(), CHUNK / Math.max(1, count)));
    try (PtNDManager step = manager.newSubManager(manager.getDevice());
        PtNDArray sum =
            (PtNDArray) step.create(new double[count * count], new Shape(count, count))) {
      for (int from = 0; from < vectors.length(); from += chunk) {
        int width = Math.min(chunk, vectors.length() - from);
        double[] values = new double[count * width];
        for (int i = 0; i < count; i++) {
          for (int k = 0; k < width; k++) {
            values[i * width + k] = vectors.at(i, from + k);
          }
        }
        try (PtNDArray rows = (PtNDArray) step.create(values, new Shape(count, width));
            PtNDArray columns = JniUtils.transpose(rows, 0, 1);
            PtNDArray more = JniUtils.matmul(rows, columns)) {
          JniUtils.addi(sum, more);
        }
      }
      return sum.toDoubleArray();
    }
  }
}
