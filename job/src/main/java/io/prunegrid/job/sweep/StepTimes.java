package io.prunegrid.job.sweep;

import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.pipeline.CellWork;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How long work takes: from the recorded steps of finished cells, those of the same model first,
 * and from multiply-accumulates alone where there are none.
 */
public final class StepTimes {
  /**
   * Multiply-accumulates a second of one core on small convolutions: the order of magnitude, no
   * more.
   */
  private static final double MACS_PER_CORE_SECOND = 8e10;

  /**
   * A training step costs about three forward passes: one forward, one to each input, one to each
   * weight.
   */
  private static final int PASSES_OF_A_TRAINING_STEP = 3;

  private final int threads;
  private final Map<String, Rates> byModel = new HashMap<>();
  private final Rates all = new Rates();
  private int observed;

  /**
   * @param threads that compute one cell, for the work that nothing is recorded of
   */
  public StepTimes(int threads) {
    this.threads = threads;
  }

  /**
   * What a finished cell recorded. Multiply-accumulates are of the unpruned network, so that what
   * pruning saves is in the rates.
   *
   * @param macs of one image
   * @param evaluated images a second of an evaluation
   * @param trained images a second of retraining; absent without
   * @param others seconds beside evaluation and training
   */
  public record Recorded(
      String model, long macs, double evaluated, Optional<Double> trained, double others) {}

  private static final class Rates {
    private final Median evaluated = new Median();
    private final Median trained = new Median();
    private final Median others = new Median();

    void add(Recorded cell) {
      evaluated.add(cell.evaluated() * cell.macs());
      cell.trained().ifPresent(rate -> trained.add(rate * cell.macs()));
      others.add(cell.others());
    }
  }

  private static final class Median {
    private final List<Double> values = new ArrayList<>();
    private Optional<Double> known = Optional.empty();

    void add(double value) {
      values.add(value);
      known = Optional.empty();
    }

    Optional<Double> value() {
      if (known.isEmpty() && !values.isEmpty()) {
        values.sort(Comparator.naturalOrder());
        known = Optional.of(values.get(values.size() / 2));
      }
      return known;
    }
  }

  /** Adds what a finished cell recorded. */
  public void add(Recorded cell) {
    if (cell.evaluated() > 0 && cell.macs() > 0) {
      observed++;
      byModel.computeIfAbsent(cell.model(), name -> new Rates()).add(cell);
      all.add(cell);
    }
  }

  /** How many finished cells the times come from. */
  public int observed() {
    return observed;
  }

  /**
   * Seconds.
   *
   * @param total of all work, one after the other
   * @param longest of the longest chain of work that must be done one after the other
   */
  public record Seconds(double total, double longest) {
    /** With so many pieces at the same time. */
    public double on(int slots) {
      return Math.max(total / slots, longest);
    }
  }

  /**
   * Time for a plan's cells and for the work they share.
   *
   * @param found whether a store has the artifact of a key
   */
  public Seconds of(Plan plan, Predicate<String> found) {
    double total = 0;
    double base = 0;
    double shared = 0;
    for (PlannedCell cell : plan.bases()) {
      if (cell.trainsBase() && !found.test(cell.keys().base())) {
        double seconds = training(cell, cell.work().base());
        total += seconds;
        base = Math.max(base, seconds);
      }
    }
    for (PlannedCell cell : plan.evaluations()) {
      if (!found.test(cell.keys().evaluation())) {
        double seconds = evaluation(cell);
        total += seconds;
        shared = Math.max(shared, seconds);
      }
    }
    for (List<PlannedCell> pass : ScoringPasses.of(plan, found)) {
      double seconds = passes(pass.get(0), pass.get(0).work().scoreImages());
      total += seconds;
      shared = Math.max(shared, seconds);
    }
    double longestCell = 0;
    for (PlannedCell cell : plan.cells()) {
      double seconds = cell(cell);
      total += seconds;
      longestCell = Math.max(longestCell, seconds);
    }
    return new Seconds(total, base + shared + longestCell);
  }

  private double cell(PlannedCell cell) {
    int evaluations =
        (cell.config().ratio() == 0 ? 0 : 1) + (cell.config().retrain().epochs() > 0 ? 1 : 0);
    return evaluations * evaluation(cell)
        + training(cell, cell.work().retrain())
        + steps(cell, cell.work().steps())
        + rates(cell).others.value().orElse(0.0);
  }

  private double steps(PlannedCell cell, CellWork.Steps steps) {
    return passes(cell, steps.scoreImages())
        + training(cell, steps.training())
        + cell.work().macs() * (double) steps.evaluatedImages() / evaluationRate(cell);
  }

  private double evaluation(PlannedCell cell) {
    return cell.work().macs() * (double) cell.work().testImages() / evaluationRate(cell);
  }

  private double training(PlannedCell cell, CellWork.Training training) {
    return passes(cell, training.images())
        + cell.work().macs() * (double) training.validationImages() / evaluationRate(cell);
  }

  private double passes(PlannedCell cell, long images) {
    double rate =
        rates(cell)
            .trained
            .value()
            .or(all.trained::value)
            .orElseGet(() -> evaluationRate(cell) / PASSES_OF_A_TRAINING_STEP);
    return cell.work().macs() * (double) images / rate;
  }

  private double evaluationRate(PlannedCell cell) {
    return rates(cell).evaluated.value().orElse(MACS_PER_CORE_SECOND * threads);
  }

  private Rates rates(PlannedCell cell) {
    return byModel.getOrDefault(cell.config().model().name(), all);
  }
}
