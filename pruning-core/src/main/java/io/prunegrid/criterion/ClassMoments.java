package io.prunegrid.criterion;

import io.prunegrid.common.BadInput;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Means and variances of channels within each class of images, taken in image by image. */
final class ClassMoments {
  private final int width;
  private final SortedMap<Integer, Running> classes = new TreeMap<>();

  ClassMoments(int width) {
    this.width = width;
  }

  int width() {
    return width;
  }

  /** Takes in an image. */
  void add(int label, double[] values) {
    classes.computeIfAbsent(label, unseen -> new Running(width)).add(values);
  }

  /**
   * The Hellinger bound of each channel, over all pairs of classes.
   *
   * @param least the least over the pairs, else their mean
   * @param floor added to each variance, as a share of the variance over all images
   */
  double[] separability(boolean least, double floor) {
    if (classes.size() < 2) {
      throw new BadInput(
          "method tvs tells classes apart, but the images are of "
              + classes.size()
              + " class; allowed: at least 2");
    }
    List<Running> all = new ArrayList<>(classes.values());
    double[] scores = new double[width];
    for (int c = 0; c < width; c++) {
      double noise = floor * overall(all, c);
      double lowest = Double.POSITIVE_INFINITY;
      double sum = 0;
      int pairs = 0;
      for (int i = 0; i < all.size(); i++) {
        for (int j = i + 1; j < all.size(); j++) {
          double bound =
              hellinger(
                  all.get(i).mean[c],
                  all.get(i).variance(c) + noise,
                  all.get(j).mean[c],
                  all.get(j).variance(c) + noise);
          lowest = Math.min(lowest, bound);
          sum += bound;
          pairs++;
        }
      }
      scores[c] = least ? lowest : sum / pairs;
    }
    return scores;
  }

  /** Variance over all images. */
  private static double overall(List<Running> all, int c) {
    long n = 0;
    double mean = 0;
    for (Running each : all) {
      n += each.n;
      mean += each.n * each.mean[c];
    }
    mean /= n;
    double squares = 0;
    for (Running each : all) {
      double shift = each.mean[c] - mean;
      squares += each.squares[c] + each.n * shift * shift;
    }
    return squares / n;
  }

  /** Squared Hellinger distance of two normal distributions; 0 where both are the same point. */
  static double hellinger(double mean, double variance, double otherMean, double otherVariance) {
    double sum = variance + otherVariance;
    if (sum == 0) {
      return mean == otherMean ? 0 : 1;
    }
    double shift = mean - otherMean;
    double overlap = Math.sqrt(2 * Math.sqrt(variance) * Math.sqrt(otherVariance) / sum);
    return 1 - overlap * Math.exp(-shift * shift / (4 * sum));
  }

  /** Means and sums of squared differences from them (Welford 1962). */
  private static final class Running {
    private final double[] mean;
    private final double[] squares;
    private long n;

    Running(int width) {
      mean = new double[width];
      squares = new double[width];
    }

    void add(double[] values) {
      n++;
      for (int c = 0; c < mean.length; c++) {
        double before = values[c] - mean[c];
        mean[c] += before / n;
        squares[c] += before * (values[c] - mean[c]);
      }
    }

    double variance(int c) {
      return squares[c] / n;
    }
  }
}
