package io.prunegrid.train;

/** Training left the range of numbers: the loss or a weight is infinite or not a number. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int epoch;

  /**
   * Names what diverged.
   *
   * @param epoch in which it was seen, from 1
   */
  public DivergedException(String what, int epoch) {
    super("training diverged in epoch " + epoch + ": " + what + "; a smaller lr may help");
    this.epoch = epoch;
  }

  public int epoch() {
    return epoch;
  }
}
