package io.prunegrid.format;

import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns stored elements into float tensors, and keeps the memory this takes in proportion to the
 * file: tensors may share storage, but all of them together hold no more elements than the file has
 * bytes.
 */
final class TensorDecoder {
  private static final int CHUNK = 1 << 16;
  private static final long ALLOWANCE = 1 << 20;
  private static final int MAX_RANK = 64;

  private final long fileLength;
  private long remaining;

  TensorDecoder(long fileLength) {
    this.fileLength = fileLength;
    this.remaining = fileLength + ALLOWANCE;
  }

  /**
   * A tensor of elements that lie in row-major order.
   *
   * @param storage exactly the tensor's bytes
   */
  Tensor contiguous(String name, Bytes storage, ElementType type, List<Long> size)
      throws IOException {
    return strided(name, storage, type, 0, size, rowMajor(size));
  }

  /**
   * A tensor that views a storage as torch does: the element at {@code (i, j, ...)} is number
   * {@code offset + i stride_0 + j stride_1 + ...} of the storage.
   */
  Tensor strided(
      String name, Bytes storage, ElementType type, long offset, List<Long> size, List<Long> stride)
      throws IOException {
    Shape shape = shape(name, size);
    if (stride.size() != size.size()) {
      throw new Malformed(Malformed.quote(name) + " has sizes " + size + " but strides " + stride);
    }
    long last = lastElement(name, offset, size, stride);
    long held = storage.length() / type.bytes();
    if (shape.size() > 0 && last >= held) {
      throw new Malformed(
          Malformed.quote(name)
              + " reaches to element "
              + last
              + " of "
              + storage.name()
              + ", which holds "
              + held);
    }
    charge(name, shape.size());
    float[] values = new float[Math.toIntExact(shape.size())];
    if (values.length == 0) {
      return Tensor.wrap(shape, values);
    }
    if (isRowMajor(size, stride)) {
      read(storage, type, offset, values);
    } else {
      charge(name, last + 1 - offset);
      float[] window = new float[Math.toIntExact(last + 1 - offset)];
      read(storage, type, offset, window);
      gather(window, size, stride, values);
    }
    return Tensor.wrap(shape, values);
  }

  private static Shape shape(String name, List<Long> size) throws IOException {
    if (size.size() > MAX_RANK) {
      throw new Malformed(Malformed.quote(name) + " has " + size.size() + " dimensions");
    }
    List<Integer> dims = new ArrayList<>();
    long product = 1;
    for (long dim : size) {
      if (dim < 0 || dim > Integer.MAX_VALUE) {
        throw new Malformed(Malformed.quote(name) + " has the impossible shape " + size);
      }
      dims.add((int) dim);
      // Both factors are below 2^31, so the product cannot overflow.
      product *= dim;
      if (product > Integer.MAX_VALUE - 8) {
        throw new Malformed(
            Malformed.quote(name) + " has more values than a tensor can hold: " + size);
      }
    }
    return new Shape(dims);
  }

  private static long lastElement(String name, long offset, List<Long> size, List<Long> stride)
      throws IOException {
    try {
      long last = offset;
      for (int i = 0; i < size.size(); i++) {
        if (stride.get(i) < 0) {
          throw new Malformed(Malformed.quote(name) + " has a negative stride: " + stride);
        }
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, size.get(i) - 1), stride.get(i)));
      }
      if (offset < 0) {
        throw new Malformed(Malformed.quote(name) + " begins at element " + offset);
      }
      return last;
    } catch (ArithmeticException e) {
      throw new Malformed(Malformed.quote(name) + " has impossible strides: " + stride);
    }
  }

  private void charge(String name, long elements) throws IOException {
    remaining -= elements;
    if (remaining < 0) {
      throw new Malformed(
          Malformed.quote(name)
              + " brings the tensors to more values than a file of "
              + fileLength
              + " bytes can hold");
    }
  }

  private static void read(Bytes storage, ElementType type, long offset, float[] to)
      throws IOException {
    byte[] bytes = new byte[Math.min(CHUNK, to.length) * type.bytes()];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try (InputStream in = storage.open(offset * type.bytes())) {
      for (int done = 0; done < to.length; ) {
        int count = Math.min(CHUNK, to.length - done);
        if (in.readNBytes(bytes, 0, count * type.bytes()) < count * type.bytes()) {
          throw new Malformed(storage.name() + " ends early");
        }
        type.decode(buffer, to, done, count);
        done += count;
      }
    }
  }

  private static List<Long> rowMajor(List<Long> size) {
    Long[] stride = new Long[size.size()];
    long step = 1;
    for (int i = stride.length - 1; i >= 0; i--) {
      stride[i] = step;
      // Overflow is harmless: shapes that large are refused.
      step *= Math.max(1, size.get(i));
    }
    return List.of(stride);
  }

  /** Dimensions of one element may have any stride. */
  private static boolean isRowMajor(List<Long> size, List<Long> stride) {
    List<Long> expected = rowMajor(size);
    for (int i = 0; i < size.size(); i++) {
      if (size.get(i) > 1 && !stride.get(i).equals(expected.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static void gather(float[] window, List<Long> size, List<Long> stride, float[] to) {
    int rank = size.size();
    long[] index = new long[rank];
    long at = 0;
    for (int i = 0; i < to.length; i++) {
      to[i] = window[(int) at];
      for (int d = rank - 1; d >= 0; d--) {
        index[d]++;
        at += stride.get(d);
        if (index[d] < size.get(d)) {
          break;
        }
        at -= stride.get(d) * size.get(d);
        index[d] = 0;
      }
    }
  }
}
