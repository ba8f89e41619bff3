package io.prunegrid.library;

import java.util.Collection;
import java.util.List;

/** What becomes of a {@link Proposal}. */
public sealed interface Decision {
  /** What was proposed goes. */
  static Decision accept() {
    return new Accepted();
  }

  /** Nothing of the bundle goes. */
  static Decision refuse() {
    return new Edited(List.of());
  }

  /**
   * Other channels go.
   *
   * @param removed some of the channels that the proposal has scores for, none for nothing; where
   *     groups must stay equal, one channel stands for those that go with it
   */
  static Decision remove(Collection<Integer> removed) {
    return new Edited(List.copyOf(removed));
  }

  /** As proposed. */
  record Accepted() implements Decision {}

  /**
   * As somebody wants it.
   *
   * @param removed channels of the bundle's root
   */
  record Edited(List<Integer> removed) implements Decision {}
}
