package io.prunegrid.data;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * ImageNet-2012 (Russakovsky et al. 2015) as far as a plan needs it: a thousand classes, called by
 * their indices, of images of 224x224. There is no reader of its images.
 */
final class ImageNet {
  private static final int CLASSES = 1000;
  private static final Shape IMAGE = Shape.of(3, 224, 224);

  /** How many training images of each class are used. */
  private static final String PER_CLASS = "per-class";

  private ImageNet() {}

  /**
   * @throws BadInput for an option that is not allowed
   */
  static Datasets.Look look(DataSpec spec) {
    spec.allowOptions(List.of(PER_CLASS));
    String perClass = spec.options().getOrDefault(PER_CLASS, "1");
    if (!perClass.matches("[1-9][0-9]{0,8}")) {
      throw new BadInput(
          "data '"
              + spec.text()
              + "': option "
              + PER_CLASS
              + " is '"
              + perClass
              + "', allowed: a whole number of at least 1");
    }
    return new Datasets.Look(
        IntStream.range(0, CLASSES).mapToObj(label -> "class " + label).toList(), IMAGE);
  }

  /** Why the data cannot be opened, whether or not their folder is there. */
  static BadInput unreadable(DataSpec spec) {
    look(spec);
    return new BadInput(
        "data '"
            + spec.text()
            + "': images of ImageNet cannot be read yet; plan --unresolved counts a sweep over them");
  }
}
