package io.prunegrid.measure;

/**
 * How many images of one class are classified rightly.
 *
 * @param classIndex the class's original index in its data set
 * @param n images of the class
 * @param correct those whose largest output is the class's
 */
public record ClassAccuracy(int classIndex, int n, int correct) {
  /** In percent; NaN without images. */
  public double percent() {
    return n == 0 ? Double.NaN : 100.0 * correct / n;
  }
}
