package io.prunegrid.data;

import io.prunegrid.graph.Shape;
import java.nio.file.Path;
import java.util.List;

/**
 * A data set with its two parts. A part is read when it is first asked for, once; whoever shares a
 * source shares its memory. Safe for any number of threads.
 */
public interface DataSource {
  /** What a person wrote to name the data. */
  String spec();

  /** {@code (channel, height, width)} of every image of both parts. */
  Shape imageShape();

  /** Names of the classes, in label order. */
  List<String> classNames();

  /**
   * Every record of the training files, in file order.
   *
   * @throws io.prunegrid.common.BadInput naming the file and the byte where it is broken, or what
   *     was looked for where it is absent
   */
  Dataset train();

  /**
   * Every record of the test file, in file order.
   *
   * @throws io.prunegrid.common.BadInput as {@link #train()}
   */
  Dataset test();

  /** The files that both parts are read from; none where they are no files of the user's. */
  List<Path> files();

  default Dataset part(Part part) {
    return part == Part.TRAIN ? train() : test();
  }
}
