package io.prunegrid.job.sweep;

import java.util.Optional;

/**
 * A key of a sweep file.
 *
 * @param name how it is spelled
 * @param kind what it may hold
 * @param standard what stands where it is left out; empty where nothing does
 * @param meaning one sentence for the reference
 */
record Key<T>(String name, Kind<T> kind, Optional<T> standard, String meaning) {
  static <T> Key<T> required(String name, Kind<T> kind, String meaning) {
    return new Key<>(name, kind, Optional.empty(), meaning);
  }

  static <T> Key<T> of(String name, Kind<T> kind, T standard, String meaning) {
    return new Key<>(name, kind, Optional.of(standard), meaning);
  }

  /** The same key holding something narrower. */
  Key<T> as(Kind<T> narrower) {
    return new Key<>(name, narrower, standard, meaning);
  }

  /** The default as it would be written in a file, or nothing. */
  Optional<String> spelledStandard() {
    return standard.map(kind::spell);
  }
}
