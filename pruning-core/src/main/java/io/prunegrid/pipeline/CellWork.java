package io.prunegrid.pipeline;

/**
 * How many images go through a cell's network in each step. Exact, but that training which may stop
 * early counts all its epochs.
 *
 * @param macs multiply-accumulates of one image in the unpruned network
 * @param base training the base; no image where it is loaded
 * @param scoreImages images the criterion sees, if it sees any
 * @param testImages images of one evaluation
 * @param retrain retraining
 */
public record CellWork(
    long macs, Training base, long scoreImages, long testImages, Training retrain) {

  /**
   * Images of a training, all epochs.
   *
   * @param images in training steps
   * @param validationImages evaluated between epochs
   * @param stop whether it may end before its last epoch
   */
  public record Training(long images, long validationImages, Stop stop) {
    /** No training at all. */
    public static final Training NONE = new Training(0, 0, Stop.AFTER_ALL_EPOCHS);
  }

  /** When a training ends. */
  public enum Stop {
    AFTER_ALL_EPOCHS,
    PERHAPS_EARLY
  }
}
