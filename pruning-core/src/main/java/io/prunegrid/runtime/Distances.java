package io.prunegrid.runtime;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Distances of all pairs of some vectors, from their inner products in double on the device: a
 * block of pairs and a part of the vectors at a time, so that memory grows with neither.
 */
final class Distances {
  /** Vectors of a block. */
  private static final int BLOCK = 2048;

  /** Values of a block's vectors that are on the device at a time. */
  private static final int CHUNK = 1 << 23;

  private final PtNDManager manager;
  private final Vectors vectors;

  Distances(PtNDManager manager, Vectors vectors) {
    this.manager = manager;
    this.vectors = vectors;
  }

  /** For each vector the sum of its distances to all others. */
  double[] sums() {
    int count = vectors.count();
    double[] sums = new double[count];
    double[] squares = new double[count];
    for (int from = 0; from < count; from += BLOCK) {
      int size = Math.min(BLOCK, count - from);
      double[] own = products(from, size, from, size);
      for (int i = 0; i < size; i++) {
        squares[from + i] = own[i * size + i];
      }
      add(sums, squares, own, from, size, from, size);
      for (int other = 0; other < from; other += BLOCK) {
        add(sums, squares, products(from, size, other, BLOCK), from, size, other, BLOCK);
      }
    }
    return sums;
  }

  /** Adds the distances of a block of pairs to the sums of their rows, and of their columns. */
  private static void add(
      double[] sums,
      double[] squares,
      double[] products,
      int rowFrom,
      int rows,
      int columnFrom,
      int columns) {
    for (int i = 0; i < rows; i++) {
      int row = rowFrom + i;
      for (int j = 0; j < columns; j++) {
        int column = columnFrom + j;
        if (column < row) {
          double square = squares[row] + squares[column] - 2 * products[i * columns + j];
          double distance = Math.sqrt(Math.max(0, square));
          sums[row] += distance;
          sums[column] += distance;
        }
      }
    }
  }

  /** Inner products of two blocks, row-major. */
  private double[] products(int rowFrom, int rows, int columnFrom, int columns) {
    int length = vectors.length();
    int chunk = Math.max(1, Math.min(length, CHUNK / Math.max(rows, columns)));
    try (PtNDManager step = manager.newSubManager(manager.getDevice());
        PtNDArray sum =
            (PtNDArray) step.create(new double[rows * columns], new Shape(rows, columns))) {
      for (int from = 0; from < length; from += chunk) {
        int width = Math.min(chunk, length - from);
        boolean same = rowFrom == columnFrom;
        try (PtNDArray left = upload(step, rowFrom, rows, from, width);
            PtNDArray right = same ? null : upload(step, columnFrom, columns, from, width);
            PtNDArray turned = JniUtils.transpose(same ? left : right, 0, 1);
            PtNDArray more = JniUtils.matmul(left, turned)) {
          JniUtils.addi(sum, more);
        }
      }
      return sum.toDoubleArray();
    }
  }

  private PtNDArray upload(PtNDManager step, int first, int count, int from, int width) {
    double[] values = new double[count * width];
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < width; k++) {
        values[i * width + k] = vectors.at(first + i, from + k);
      }
    }
    return (PtNDArray) step.create(values, new Shape(count, width));
  }
}
