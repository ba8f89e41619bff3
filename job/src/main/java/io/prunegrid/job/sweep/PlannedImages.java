package io.prunegrid.job.sweep;

import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.pipeline.CellWork;
import io.prunegrid.pipeline.CellWork.Stop;
import io.prunegrid.runtime.ImageCounts;
import java.util.List;
import java.util.function.Predicate;

/**
 * How many images a plan pushes through networks. A run counts the same in its attempts: exactly so
 * many, or at most so many where training or a selection may stop early.
 *
 * @param counts by what for
 * @param stop whether some training may end before its last epoch, or some selection before its
 *     last step
 */
public record PlannedImages(ImageCounts counts, Stop stop) {
  /**
   * The images of a plan's cells and of the work they share, each shared piece once, scores of one
   * pass together.
   *
   * @param found whether the store has the artifact of a key
   */
  public static PlannedImages of(Plan plan, Predicate<String> found) {
    Sum sum = new Sum();
    for (PlannedCell cell : plan.bases()) {
      if (cell.trainsBase() && !found.test(cell.keys().base())) {
        sum.train(cell.work().base());
      }
    }
    for (PlannedCell cell : plan.evaluations()) {
      if (!found.test(cell.keys().evaluation())) {
        sum.evaluated += cell.work().testImages();
      }
    }
    for (List<PlannedCell> pass : ScoringPasses.of(plan, found)) {
      sum.scored += pass.get(0).work().scoreImages();
    }
    for (PlannedCell cell : plan.cells()) {
      sum.cell(cell);
    }
    return sum.images();
  }

  /** The images that the plan's cells would need if each did everything itself. */
  public static PlannedImages alone(Plan plan) {
    Sum sum = new Sum();
    for (PlannedCell cell : plan.cells()) {
      sum.train(cell.work().base());
      sum.evaluated += cell.work().testImages();
      sum.scored += cell.scoresImages() ? cell.work().scoreImages() : 0;
      sum.cell(cell);
    }
    return sum.images();
  }

  private static final class Sum {
    private long evaluated;
    private long scored;
    private long trained;
    private Stop stop = Stop.AFTER_ALL_EPOCHS;

    void cell(PlannedCell cell) {
      // at ratio 0 the pruned network is the unpruned one, whose evaluation is there already
      int evaluations =
          (cell.config().ratio() == 0 ? 0 : 1) + (cell.config().retrain().epochs() > 0 ? 1 : 0);
      evaluated += evaluations * cell.work().testImages();
      train(cell.work().retrain());
      CellWork.Steps steps = cell.work().steps();
      scored += steps.scoreImages();
      evaluated += steps.evaluatedImages();
      train(steps.training());
      if (steps.stop() == Stop.PERHAPS_EARLY) {
        stop = Stop.PERHAPS_EARLY;
      }
    }

    PlannedImages images() {
      return new PlannedImages(new ImageCounts(evaluated, scored, trained), stop);
    }

    void train(CellWork.Training training) {
      trained += training.images();
      evaluated += training.validationImages();
      if (training.stop() == Stop.PERHAPS_EARLY) {
        stop = Stop.PERHAPS_EARLY;
      }
    }
  }
}
