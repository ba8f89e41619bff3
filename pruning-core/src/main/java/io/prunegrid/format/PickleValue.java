package io.prunegrid.format;

import java.util.List;

/**
 * What a pickle can hold besides strings, numbers ({@code Long}, {@code BigInteger}, {@code
 * Double}), booleans, byte arrays, lists and maps.
 */
sealed interface PickleValue {
  /** A tuple, of any values. */
  record Tuple(List<Object> items) implements PickleValue {}

  /**
   * A name on the allow-list, standing for nothing but itself.
   *
   * @param name module and name
   * @param kind what calling it means
   * @param type element type of a storage class, {@code null} for all others
   */
  record Global(String name, Kind kind, ElementType type) implements PickleValue {}

  /** What calling an allowed name means. */
  enum Kind {
    MAP,
    TUPLE,
    TENSOR,
    PARAMETER,
    STORAGE,
    IGNORED
  }

  /**
   * Where a tensor's elements are kept.
   *
   * @param key the storage's name in its checkpoint
   * @param elements how many elements the whole storage has
   * @param viewFrom first element this view sees
   * @param viewElements how many elements this view sees
   */
  record Storage(String key, ElementType type, long elements, long viewFrom, long viewElements)
      implements PickleValue {}

  /** A tensor as torch describes it, all counts in elements. */
  record StoredTensor(Storage storage, long offset, List<Long> size, List<Long> stride)
      implements PickleValue {}

  /** A value that no weights depend on. */
  enum Ignored implements PickleValue {
    NONE,
    OBJECT
  }
}
