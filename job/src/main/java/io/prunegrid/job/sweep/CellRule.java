package io.prunegrid.job.sweep;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;

/**
 * Cells of one grid, told by their positions on its axes: all whose position on every listed axis
 * is in that axis's set.
 */
record CellRule(Map<Axis, BitSet> positions) {
  CellRule {
    EnumMap<Axis, BitSet> copied = new EnumMap<>(Axis.class);
    copied.putAll(positions);
    positions = copied;
  }

  /**
   * Whether the cell is among them.
   *
   * @param at the cell's position on each axis, by {@link Axis#position}
   */
  boolean matches(int[] at) {
    for (Map.Entry<Axis, BitSet> entry : positions.entrySet()) {
      if (!entry.getValue().get(at[entry.getKey().position()])) {
        return false;
      }
    }
    return true;
  }
}
