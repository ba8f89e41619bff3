package io.prunegrid.pipeline;

import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Sight;
import io.prunegrid.data.Fingerprint;
import io.prunegrid.train.TrainingConfig;
import java.util.List;

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

  static CellWork of(CellConfig cell, NetworkInputs network, Fingerprint content) {
    List<Integer> train = content.trainCounts();
    List<Integer> known =
        network.headClasses().stream().filter(label -> label < train.size()).toList();
    List<Integer> classes = cell.subset().isAll() ? known : cell.subset().classes();
    boolean all = !Sight.of(cell.method().parameters()).dependsOnSubset();
    int perClass =
        cell.method().samplesPerClass() > 0 ? cell.method().samplesPerClass() : Integer.MAX_VALUE;
    long scored = 0;
    long trained = 0;
    long tested = 0;
    for (int label : all ? known : classes) {
      scored += Math.min(train.get(label), perClass);
    }
    for (int label : classes) {
      trained += train.get(label);
      tested += content.testCounts().get(label);
    }
    long whole = train.stream().mapToLong(Integer::longValue).sum();
    return new CellWork(
        network.macs(),
        Inputs.isTrained(cell) ? training(cell.training(), whole) : Training.NONE,
        Criteria.named(cell.method().name())
            .imagesShown(cell.method().parameters(), limited(scored, cell.method().samples())),
        tested,
        training(cell.retrain(), trained));
  }

  private static Training training(TrainingConfig config, long images) {
    long used = limited(images, config.samples());
    long validating = Math.round(Math.rint(used * config.validation()));
    return new Training(
        config.epochs() * (used - validating),
        config.epochs() * validating,
        validating > 0 && config.patience() > 0 ? Stop.PERHAPS_EARLY : Stop.AFTER_ALL_EPOCHS);
  }

  private static long limited(long images, int limit) {
    return limit == 0 ? images : Math.min(images, limit);
  }

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
