package io.prunegrid.graph;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Sizes of a tensor's dimensions, outermost first. Shapes of activations leave the batch out:
 * {@code (channel, height, width)} for images and feature maps, {@code (feature)} for vectors.
 */
public record Shape(List<Integer> dims) {
  public Shape {
    dims = List.copyOf(dims);
    for (int dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("a dimension cannot be negative: " + dims);
      }
    }
  }

  public static Shape of(int... dims) {
    Integer[] boxed = new Integer[dims.length];
    Arrays.setAll(boxed, i -> dims[i]);
    return new Shape(List.of(boxed));
  }

  public int rank() {
    return dims.size();
  }

  public int dim(int index) {
    return dims.get(index);
  }

  /** Number of elements; 1 for a scalar. */
  public long size() {
    long size = 1;
    for (int dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    return size;
  }

  /** The first dimension: channels of a feature map, features of a vector. */
  public int channels() {
    return dims.get(0);
  }

  /** Elements of one channel: height x width of a feature map, 1 for a vector. */
  public int positions() {
    return channels() == 0 ? 0 : Math.toIntExact(size() / channels());
  }

  public Shape withDim(int index, int size) {
    Integer[] changed = dims.toArray(Integer[]::new);
    changed[index] = size;
    return new Shape(List.of(changed));
  }

  public long[] toLongs() {
    return dims.stream().mapToLong(Integer::longValue).toArray();
  }

  @Override
  public String toString() {
    return dims.stream().map(String::valueOf).collect(Collectors.joining("x", "(", ")"));
  }
}
