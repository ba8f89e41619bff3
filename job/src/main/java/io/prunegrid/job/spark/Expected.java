package io.prunegrid.job.spark;

import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.pipeline.CellWork;

/**
 * How long work should take, from its multiply-accumulates. Only proportions matter: a run learns
 * the speed of its executors.
 */
final class Expected {
  private static final double MACS_PER_SECOND = 5e9;
  private static final double LEAST_SECONDS = 0.005;
  private static final int PASSES_OF_A_TRAINING_STEP = 3;

  private Expected() {}

  static double base(PlannedCell cell) {
    return seconds(cell, training(cell.work().base().images()));
  }

  static double evaluation(PlannedCell cell) {
    return seconds(cell, (double) cell.work().testImages());
  }

  static double score(PlannedCell cell) {
    return seconds(cell, training(cell.work().scoreImages()));
  }

  /** A score that a pass before it has made. */
  static double scoreFromPass() {
    return LEAST_SECONDS;
  }

  static double cell(PlannedCell cell) {
    int evaluations = cell.config().retrain().epochs() > 0 ? 2 : 1;
    CellWork.Steps steps = cell.work().steps();
    return seconds(
        cell,
        evaluations * (double) cell.work().testImages()
            + steps.evaluatedImages()
            + training(
                cell.work().retrain().images() + steps.scoreImages() + steps.training().images()));
  }

  private static double training(long images) {
    return (double) PASSES_OF_A_TRAINING_STEP * images;
  }

  private static double seconds(PlannedCell cell, double passes) {
    return LEAST_SECONDS + passes * cell.work().macs() / MACS_PER_SECOND;
  }
}
