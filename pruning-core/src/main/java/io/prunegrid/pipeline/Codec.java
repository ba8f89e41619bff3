package io.prunegrid.pipeline;

/** Shared work as bytes. Equal values give equal bytes, and decoding gives back an equal value. */
interface Codec<T> {
  byte[] encode(T value);

  /**
   * The value that was encoded.
   *
   * @throws IllegalStateException where the bytes are not what {@link #encode} wrote
   */
  T decode(byte[] bytes);
}
