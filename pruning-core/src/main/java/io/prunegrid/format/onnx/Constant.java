package io.prunegrid.format.onnx;

import java.io.IOException;
import java.util.Arrays;

/**
 * A tensor whose elements are known: floats, or whole numbers that may depend on the number of
 * samples.
 */
final class Constant implements Value {
  private static final int MOST_WHOLE_NUMBERS = 1 << 16;

  private final int[] dims;
  private final int size;
  private final OnnxTensor stored;
  private final float[] floats;
  private final Size[] whole;
  private final boolean half;

  private Constant(int[] dims, OnnxTensor stored, float[] floats, Size[] whole) {
    this(dims, stored, floats, whole, stored != null && stored.isHalf());
  }

  private Constant(int[] dims, OnnxTensor stored, float[] floats, Size[] whole, boolean half) {
    this.dims = dims;
    this.size = size(dims);
    this.stored = stored;
    this.floats = floats;
    this.whole = whole;
    this.half = half;
  }

  static Constant of(OnnxTensor tensor) throws IOException {
    if (tensor.isFloating()) {
      return new Constant(tensor.dims(), tensor, null, null);
    }
    if (tensor.size() > MOST_WHOLE_NUMBERS) {
      throw new Unsupported("it holds " + tensor.size() + " whole numbers, which is too many");
    }
    return whole(
        tensor.dims(), Arrays.stream(tensor.longs()).mapToObj(Size::of).toArray(Size[]::new));
  }

  static Constant floats(int[] dims, float... values) {
    return new Constant(dims, null, values, null);
  }

  static Constant whole(int[] dims, Size... values) {
    return new Constant(dims, null, null, values);
  }

  static Constant number(long value) {
    return whole(new int[0], Size.of(value));
  }

  boolean isFloat() {
    return whole == null;
  }

  /** Whether it holds floats of 16 bits, which ONNX does not let meet others. */
  boolean isHalf() {
    return half;
  }

  /** The same elements as floats of 32 bits. */
  Constant single32() {
    return new Constant(dims, stored, floats, whole, false);
  }

  /** Whether nothing in it depends on the number of samples. */
  boolean isPlain() {
    return isFloat() || Arrays.stream(whole).allMatch(Size::isPlain);
  }

  int[] dims() {
    return dims.clone();
  }

  int rank() {
    return dims.length;
  }

  int dim(int axis) {
    return dims[axis];
  }

  int size() {
    return size;
  }

  /** The elements, row-major; the caller must not change them. */
  float[] floats() throws IOException {
    if (stored != null) {
      return stored.floats();
    }
    if (floats != null) {
      return floats;
    }
    float[] converted = new float[size];
    for (int i = 0; i < size; i++) {
      converted[i] = plain(i);
    }
    return converted;
  }

  /** The only element. */
  float single() throws IOException {
    if (size != 1) {
      throw new Unsupported("it needs one number where the file has " + size);
    }
    return floats()[0];
  }

  Size whole(int index) {
    if (whole == null) {
      throw new Unsupported("it needs whole numbers where the file has floats");
    }
    return whole[index];
  }

  /** A whole number that does not depend on the number of samples. */
  long plain(int index) {
    Size value = whole(index);
    if (!value.isPlain()) {
      throw new Unsupported("it depends on the number of samples");
    }
    return value.plain();
  }

  long[] plains() {
    long[] values = new long[size];
    Arrays.setAll(values, this::plain);
    return values;
  }

  /** The same elements in another shape. */
  Constant shaped(int... others) {
    if (size(others) != size) {
      throw new Unsupported("it gives " + size + " elements the shape " + Arrays.toString(others));
    }
    return new Constant(others, stored, floats, whole, half);
  }

  /** The elements at these places, in another shape. */
  Constant pick(int[] shape, int[] places) throws IOException {
    if (!isFloat()) {
      return whole(shape, Arrays.stream(places).mapToObj(i -> whole[i]).toArray(Size[]::new));
    }
    float[] from = floats();
    float[] picked = new float[places.length];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = from[places[i]];
    }
    return floats(shape, picked);
  }

  /** Number of elements of a shape. */
  static int size(int[] dims) {
    long size = 1;
    for (int dim : dims) {
      size *= dim;
      if (dim < 0 || size > Integer.MAX_VALUE - 8) {
        throw new Unsupported("it makes a tensor of the shape " + Arrays.toString(dims));
      }
    }
    return (int) size;
  }
}
