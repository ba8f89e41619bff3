package io.prunegrid.channel;

import io.prunegrid.graph.Shape;

/**
 * Weights of one tensor that go or stay together. The tensor is seen as a matrix of {@code dim 0}
 * rows, cut into blocks from its first entry; the last block of a row or column may be smaller.
 *
 * @param parameter the tensor's shape
 * @param rows of a block, at least 1
 * @param columns of a block, at least 1
 */
public record Block(Shape parameter, int rows, int columns) {
  public Block {
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException("a block of " + rows + " x " + columns + " is none");
    }
  }

  /** Every weight by itself. */
  public static Block single(Shape parameter) {
    return new Block(parameter, 1, 1);
  }

  public boolean isSingle() {
    return rows == 1 && columns == 1;
  }

  /** How many blocks there are. */
  public int count() {
    return across(height(), rows) * across(width(), columns);
  }

  /** One entry for each block; the parameter's own shape where every weight is by itself. */
  public Shape grid() {
    return isSingle() ? parameter : Shape.of(across(height(), rows), across(width(), columns));
  }

  /** The block of a weight, both counted row-major. */
  public int of(int weight) {
    if (isSingle()) {
      return weight;
    }
    int width = width();
    return weight / width / rows * across(width, columns) + weight % width / columns;
  }

  private int height() {
    return parameter.dim(0);
  }

  private int width() {
    return Math.toIntExact(parameter.size() / parameter.dim(0));
  }

  private static int across(int length, int part) {
    return (length + part - 1) / part;
  }
}
