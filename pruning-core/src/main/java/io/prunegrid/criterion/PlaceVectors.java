package io.prunegrid.criterion;

import io.prunegrid.channel.Side;
import io.prunegrid.graph.Filters;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.Vectors;

/** The weights of each position in one place. */
final class PlaceVectors implements Vectors {
  private final Tensor weight;
  private final Filters filters;
  private final Side side;
  private final int[] positions;
  private final boolean squares;

  PlaceVectors(Tensor weight, Filters filters, Side side, int[] positions, boolean squares) {
    this.weight = weight;
    this.filters = filters;
    this.side = side;
    this.positions = positions;
    this.squares = squares;
  }

  @Override
  public int count() {
    return positions.length;
  }

  @Override
  public int length() {
    return side == Side.OUT ? filters.perOutput() : filters.perInput();
  }

  @Override
  public double at(int vector, int index) {
    int position = positions[vector];
    int place = side == Side.OUT ? filters.output(position, index) : filters.input(position, index);
    double value = weight.at(place);
    return squares ? value * value : value;
  }

  /** A vector's Euclidean norm. */
  double norm(int vector) {
    double squared = 0;
    for (int i = 0; i < length(); i++) {
      squared += at(vector, i) * at(vector, i);
    }
    return Math.sqrt(squared);
  }
}
