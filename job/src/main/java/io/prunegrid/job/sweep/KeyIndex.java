package io.prunegrid.job.sweep;

import java.util.Arrays;

/** Finds equal keys of a column, by open addressing: four to eight bytes a key. */
final class KeyIndex {
  private static final int NONE = -1;

  private final KeyColumn column;
  private int[] slots = new int[1024];
  private int used;

  KeyIndex(KeyColumn column) {
    this.column = column;
    Arrays.fill(slots, NONE);
  }

  /**
   * Adds the key at a position.
   *
   * @return the position of the equal key that was there before, or this one
   */
  int add(int position) {
    if (used * 2 >= slots.length) {
      grow();
    }
    int slot = slot(position);
    if (slots[slot] == NONE) {
      slots[slot] = position;
      used++;
    }
    return slots[slot];
  }

  /** Adds the key at a position; whether no equal one was there before. */
  boolean isNew(int position) {
    int before = used;
    add(position);
    return used > before;
  }

  private int slot(int position) {
    int mask = slots.length - 1;
    int slot = column.bits(position) & mask;
    while (slots[slot] != NONE && !column.equal(slots[slot], position)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    int[] old = slots;
    slots = new int[old.length * 2];
    Arrays.fill(slots, NONE);
    for (int position : old) {
      if (position != NONE) {
        slots[slot(position)] = position;
      }
    }
  }
}
