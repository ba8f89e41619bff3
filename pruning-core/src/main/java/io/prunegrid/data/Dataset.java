package io.prunegrid.data;

import io.prunegrid.graph.Shape;
import java.util.List;

/**
 * One part of a data set, in file order. Immutable and safe for any number of threads; the bytes
 * stay as they were in the files and are normalized as they are copied.
 */
public interface Dataset {
  /** What a person wrote to name the data, and which part of it this is, for messages. */
  String spec();

  /** Number of images. */
  int size();

  /** {@code (channel, height, width)} of every image. */
  Shape imageShape();

  /** Names of the classes; a label is a position in this list. */
  List<String> classNames();

  /**
   * Label of an image.
   *
   * @param index in {@code [0, size())}, file order
   */
  int label(int index);

  /**
   * Writes a normalized image, {@code (channel, height, width)} row-major, into an array.
   *
   * @param index in {@code [0, size())}, file order
   * @param offset where the first value goes
   */
  void copyImage(int index, float[] to, int offset);

  /**
   * SHA-256 over what the images are once decoded and normalized: shape, normalization rule, labels
   * and pixels, but not where the files lie or how they are compressed.
   */
  String contentHash();
}
