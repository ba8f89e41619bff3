package io.prunegrid.pipeline;

import io.prunegrid.channel.Limits;
import io.prunegrid.criterion.BackOff;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Sight;
import io.prunegrid.data.Fingerprint;
import io.prunegrid.train.TrainingConfig;
import java.util.List;
import java.util.Optional;

/**
 * How many images go through a cell's network in each step. Exact, but that training which may stop
 * early counts all its epochs, and steps that back off count all their rounds.
 *
 * @param macs multiply-accumulates of one image in the unpruned network
 * @param base training the base; no image where it is loaded
 * @param scoreImages images the criterion sees, if it sees any
 * @param testImages images of one evaluation
 * @param retrain retraining
 * @param steps what a selection in several steps adds
 */
public record CellWork(
    long macs, Training base, long scoreImages, long testImages, Training retrain, Steps steps) {

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
    Criterion criterion = Criteria.named(cell.method().name());
    long seen = limited(scored, cell.method().samples());
    long shown = criterion.imagesShown(cell.method().parameters(), seen);
    Training retrain = training(cell.retrain(), trained);
    return new CellWork(
        network.macs(),
        Inputs.isTrained(cell) ? training(cell.training(), whole) : Training.NONE,
        shown,
        tested,
        retrain,
        cell.ratio() == 0 ? Steps.NONE : steps(cell, criterion, seen, shown, retrain));
  }

  private static Steps steps(
      CellConfig cell, Criterion criterion, long seen, long shown, Training retrain) {
    Optional<BackOff> backOff = criterion.backOff(cell.method().parameters());
    if (backOff.isPresent()) {
      int rounds = backOff.get().rounds();
      return new Steps(
          (rounds - 1) * shown, (1 + rounds) * seen, Training.NONE, Stop.PERHAPS_EARLY);
    }
    Limits limits = cell.selection().limits();
    int more = limits.steps() - 1;
    boolean trains = limits.between() == Limits.Between.RETRAIN;
    return new Steps(
        more * shown,
        0,
        trains ? retrain.times(more) : Training.NONE,
        trains && more > 0 ? retrain.stop() : Stop.AFTER_ALL_EPOCHS);
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

    Training times(int times) {
      return new Training(times * images, times * validationImages, stop);
    }
  }

  /**
   * Images that pass while a selection goes step by step: scores taken anew, what is trained
   * between steps, and tries that are evaluated.
   *
   * @param scoreImages images of all scores but the first
   * @param evaluatedImages images of evaluations of tries
   * @param training all trainings between steps
   * @param stop whether there may be fewer steps
   */
  public record Steps(long scoreImages, long evaluatedImages, Training training, Stop stop) {
    /** One step. */
    public static final Steps NONE = new Steps(0, 0, Training.NONE, Stop.AFTER_ALL_EPOCHS);
  }

  /** When a training, or a selection by steps, ends. */
  public enum Stop {
    AFTER_ALL_EPOCHS,
    PERHAPS_EARLY
  }
}
