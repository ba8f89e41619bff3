package io.prunegrid.graph;

/** A height and a width in pixels: a kernel, stride, padding or dilation. */
public record Size2d(int height, int width) {
  public static final Size2d ZERO = new Size2d(0, 0);
  public static final Size2d ONE = new Size2d(1, 1);

  public static Size2d square(int side) {
    return new Size2d(side, side);
  }

  @Override
  public String toString() {
    return height + "x" + width;
  }
}
