package io.prunegrid.data;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The images that a step sees: some of a data set's, in file order, each with a target. Immutable
 * views; every method that narrows them leaves the order alone. Safe for any number of threads.
 */
public final class Samples {
  private final Dataset dataset;
  private final int[] indices;
  // target of each original label; -1 where the class is not among the samples
  private final int[] targets;
  private final int classes;

  private Samples(Dataset dataset, int[] indices, int[] targets, int classes) {
    this.dataset = dataset;
    this.indices = indices;
    this.targets = targets;
    this.classes = classes;
  }

  /** Every image of a data set, its label the target. */
  public static Samples all(Dataset dataset) {
    int classes = dataset.classNames().size();
    return new Samples(
        dataset,
        IntStream.range(0, dataset.size()).toArray(),
        IntStream.range(0, classes).toArray(),
        classes);
  }

  public Dataset dataset() {
    return dataset;
  }

  /** Number of images. */
  public int size() {
    return indices.length;
  }

  public boolean isEmpty() {
    return indices.length == 0;
  }

  /** {@code (channel, height, width)} of every image. */
  public Shape imageShape() {
    return dataset.imageShape();
  }

  /** Number of classes that a target can name; targets are in {@code [0, classes())}. */
  public int classes() {
    return classes;
  }

  /** Target of a sample: its original label, or where it was {@link #remapped} its new one. */
  public int label(int sample) {
    return targets[dataset.label(indices[sample])];
  }

  /** The label that the data set gives a sample. */
  public int originalLabel(int sample) {
    return dataset.label(indices[sample]);
  }

  /** The data set's label for a target, the inverse of what {@link #remapped} did. */
  public int originalClass(int target) {
    for (int original = 0; original < targets.length; original++) {
      if (targets[original] == target) {
        return original;
      }
    }
    throw new IllegalArgumentException("no class has the target " + target);
  }

  /** Position of a sample in its data set. */
  public int index(int sample) {
    return indices[sample];
  }

  /**
   * Writes a sample's normalized image, {@code (channel, height, width)} row-major, into an array.
   *
   * @param offset where the first value goes
   */
  public void copyImage(int sample, float[] to, int offset) {
    dataset.copyImage(indices[sample], to, offset);
  }

  /**
   * Only the images of these classes, targets unchanged.
   *
   * @param originalClasses labels of the data set, each once
   */
  public Samples ofClasses(List<Integer> originalClasses) {
    boolean[] wanted = new boolean[targets.length];
    for (int original : checked(originalClasses)) {
      wanted[original] = true;
    }
    return where(sample -> wanted[originalLabel(sample)]);
  }

  /**
   * Only the images of these classes, with the targets 0 to k-1 in the order given.
   *
   * @param originalClasses labels of the data set, each once
   */
  public Samples remapped(List<Integer> originalClasses) {
    int[] renamed = new int[targets.length];
    Arrays.fill(renamed, -1);
    int next = 0;
    for (int original : checked(originalClasses)) {
      renamed[original] = next++;
    }
    Samples kept = where(sample -> renamed[originalLabel(sample)] >= 0);
    return new Samples(dataset, kept.indices, renamed, next);
  }

  /**
   * The first {@code n} in file order, or all where there are fewer.
   *
   * @param n at least 1
   */
  public Samples first(int n) {
    requirePositive(n);
    return n >= size() ? this : with(Arrays.copyOf(indices, n));
  }

  /** The last in file order; none where there are none. */
  public Samples last() {
    return isEmpty() ? this : with(new int[] {indices[indices.length - 1]});
  }

  /**
   * The first {@code n} of each class, in file order, or all of a class that has fewer.
   *
   * @param n at least 1
   */
  public Samples firstPerClass(int n) {
    requirePositive(n);
    int[] seen = new int[classes];
    return where(sample -> seen[label(sample)]++ < n);
  }

  /** How many samples each target has. */
  public int[] countsPerClass() {
    int[] counts = new int[classes];
    for (int sample = 0; sample < size(); sample++) {
      counts[label(sample)]++;
    }
    return counts;
  }

  /**
   * A part to train on and a part to validate with, both in file order, together all samples. Every
   * class gives the same share, rounded so that the validation part has the nearest whole number of
   * {@code validationShare * size()} samples.
   *
   * @param validationShare in [0, 1)
   * @param seed decides which samples go to validation
   */
  public Split split(double validationShare, long seed) {
    if (!(validationShare >= 0 && validationShare < 1)) {
      throw new IllegalArgumentException(
          "validation share " + validationShare + " is not in [0, 1)");
    }
    int[] counts = countsPerClass();
    int[] taken = shares(counts, validationShare);
    SplitMix64 random = SplitMix64.stream(seed, "validation");
    boolean[] validates = new boolean[size()];
    for (int target = 0; target < classes; target++) {
      int wanted = target;
      int[] members = IntStream.range(0, size()).filter(i -> label(i) == wanted).toArray();
      random.shuffle(members);
      for (int i = 0; i < taken[target]; i++) {
        validates[members[i]] = true;
      }
    }
    return new Split(where(i -> !validates[i]), where(i -> validates[i]));
  }

  /** Whole numbers near {@code share * count}, by largest remainder. */
  private static int[] shares(int[] counts, double share) {
    int[] taken = new int[counts.length];
    double[] remainder = new double[counts.length];
    int left = (int) Math.rint(IntStream.of(counts).sum() * share);
    for (int i = 0; i < counts.length; i++) {
      taken[i] = (int) Math.floor(counts[i] * share);
      remainder[i] = counts[i] * share - taken[i];
      left -= taken[i];
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, counts.length).boxed().toList());
    order.sort(Comparator.comparingDouble((Integer i) -> -remainder[i]).thenComparing(i -> i));
    for (int i = 0; i < left; i++) {
      taken[order.get(i)]++;
    }
    return taken;
  }

  /**
   * What {@link #split} makes.
   *
   * @param train what is left to train on
   * @param validation empty where the share was 0
   */
  public record Split(Samples train, Samples validation) {}

  private List<Integer> checked(List<Integer> originalClasses) {
    boolean[] seen = new boolean[targets.length];
    for (int original : originalClasses) {
      if (original < 0 || original >= targets.length || seen[original]) {
        throw new IllegalArgumentException(
            "classes " + originalClasses + " are not different ones of " + targets.length);
      }
      seen[original] = true;
    }
    return originalClasses;
  }

  private static void requirePositive(int n) {
    if (n < 1) {
      throw new IllegalArgumentException("the number of samples must be at least 1, found " + n);
    }
  }

  private Samples where(IntPredicate wanted) {
    return with(IntStream.range(0, size()).filter(wanted).map(i -> indices[i]).toArray());
  }

  private Samples with(int[] chosen) {
    return new Samples(dataset, chosen, targets, classes);
  }

  @Override
  public String toString() {
    return size() + " of " + dataset;
  }
}
