package io.prunegrid.pipeline;

/**
 * Work that several cells use.
 *
 * @param value what was computed
 * @param contentHash SHA-256 of its content
 * @param seconds wall seconds it took whoever computed it
 * @param reused whether somebody else computed it
 */
record Shared<T>(T value, String contentHash, double seconds, boolean reused) {
  Shared<T> again() {
    return new Shared<>(value, contentHash, seconds, true);
  }
}
