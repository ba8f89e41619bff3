package io.prunegrid.channel;

import java.util.Arrays;
import java.util.Objects;

/** The positions that a class of coupled channels occupies at one side of one layer. Immutable. */
public final class Site {
  private final String layer;
  private final Side side;
  private final int[] positions;

  Site(String layer, Side side, int[] positions) {
    this.layer = layer;
    this.side = side;
    this.positions = positions;
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
    return positions.length;
  }

  /** The positions, ascending: output channels, input channels, or features of a linear layer. */
  public int[] positions() {
    return positions.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Site site
        && layer.equals(site.layer)
        && side == site.side
        && Arrays.equals(positions, site.positions);
  }

  @Override
  public int hashCode() {
    return Objects.hash(layer, side, Arrays.hashCode(positions));
  }

  @Override
  public String toString() {
    return layer + " " + side + " " + Arrays.toString(positions);
  }
}
