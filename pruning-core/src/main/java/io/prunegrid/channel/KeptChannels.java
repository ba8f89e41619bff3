package io.prunegrid.channel;

import java.util.Arrays;
import java.util.List;

/** Which of a layer's channels are left, at one of its sides. Immutable. */
public final class KeptChannels {
  private final int of;
  private final int[] kept;

  KeptChannels(int of, int[] kept) {
    this.of = of;
    this.kept = kept;
  }

  /**
   * Some of a layer's channels.
   *
   * @param of how many there were
   * @param kept positions in [0, of), each once, in any order
   */
  public static KeptChannels some(int of, List<Integer> kept) {
    int[] ascending = kept.stream().mapToInt(Integer::intValue).sorted().distinct().toArray();
    boolean inside =
        ascending.length == 0 || (ascending[0] >= 0 && ascending[ascending.length - 1] < of);
    if (!inside || ascending.length < kept.size()) {
      throw new IllegalArgumentException("expects some of " + of + " positions, found " + kept);
    }
    return new KeptChannels(of, ascending);
  }

  /** How many there were. */
  public int of() {
    return of;
  }

  /** How many are left. */
  public int count() {
    return kept.length;
  }

  /** Original positions of those that are left, ascending. */
  public int[] kept() {
    return kept.clone();
  }

  public boolean isWhole() {
    return kept.length == of;
  }

  /** Not to be changed. */
  int[] positions() {
    return kept;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeptChannels that && of == that.of && Arrays.equals(kept, that.kept);
  }

  @Override
  public int hashCode() {
    return 31 * of + Arrays.hashCode(kept);
  }

  @Override
  public String toString() {
    return kept.length + " of " + of;
  }
}
