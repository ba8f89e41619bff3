package io.prunegrid.channel;

import java.util.Arrays;

/** The positions that a class of coupled channels occupies at one side of one layer. Immutable. */
public final class Site {
  private final String layer;
  private final Side side;
  private final int[] positions;
  private final int from;
  private final int to;

  /**
   * @param positions those of other classes at this side of the layer too
   * @param from where the class's own begin
   * @param to where they end
   */
  Site(String layer, Side side, int[] positions, int from, int to) {
    this.layer = layer;
    this.side = side;
    this.positions = positions;
    this.from = from;
    this.to = to;
  }

  /** The torch-style name of a layer that owns weights. */
  public String layer() {
    return layer;
  }

  public Side side() {
    return side;
  }

  /** How many positions; at least 1. */
  public int count() {
    return to - from;
  }

  /**
   * One of the positions.
   *
   * @param index in [0, {@link #count})
   */
  public int position(int index) {
    return positions[from + index];
  }

  /** The positions, ascending: output channels, input channels, or features of a linear layer. */
  public int[] positions() {
    return Arrays.copyOfRange(positions, from, to);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Site site
        && layer.equals(site.layer)
        && side == site.side
        && Arrays.equals(positions, from, to, site.positions, site.from, site.to);
  }

  @Override
  public int hashCode() {
    return (layer.hashCode() * 31 + side.hashCode()) * 31 + Arrays.hashCode(positions());
  }

  @Override
  public String toString() {
    return layer + " " + side + " " + Arrays.toString(positions());
  }
}
