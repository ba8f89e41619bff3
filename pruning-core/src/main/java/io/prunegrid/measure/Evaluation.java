package io.prunegrid.measure;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How well a model classifies images.
 *
 * @param n number of images
 * @param correct images whose largest output is their label's, the first of equal ones counting as
 *     the largest
 * @param correctTop5 images whose label's output is among the five largest; empty for five outputs
 *     or fewer
 * @param perClass the classes that the images have, by original index
 * @param seconds time it took, from the first image's copy to the last one's answer
 */
public record Evaluation(
    int n, int correct, OptionalInt correctTop5, List<ClassAccuracy> perClass, double seconds) {
  public Evaluation {
    perClass = List.copyOf(perClass);
  }

  /** In percent; NaN without images. */
  public double top1Percent() {
    return n == 0 ? Double.NaN : 100.0 * correct / n;
  }

  /** In percent; empty for five outputs or fewer. */
  public OptionalDouble top5Percent() {
    return correctTop5.isEmpty() || n == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(100.0 * correctTop5.getAsInt() / n);
  }

  public double imagesPerSecond() {
    return n / seconds;
  }
}
