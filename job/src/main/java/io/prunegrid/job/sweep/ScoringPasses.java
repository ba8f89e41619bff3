package io.prunegrid.job.sweep;

import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.pipeline.SharedPass;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Which scores of a plan are made in one pass over the images. */
public final class ScoringPasses {
  private ScoringPasses() {}

  /**
   * The plan's scores that see images and are not there, those of one pass together, in the plan's
   * order.
   *
   * @param found whether the store has the artifact of a key
   * @return none of them empty
   */
  public static List<List<PlannedCell>> of(Plan plan, Predicate<String> found) {
    Map<Object, List<PlannedCell>> passes = new LinkedHashMap<>();
    for (PlannedCell cell : plan.scores()) {
      String score = cell.keys().score();
      if (cell.scoresImages() && !found.test(score)) {
        Optional<SharedPass> shared = SharedPass.of(cell.config(), cell.keys().base());
        Object pass = shared.isPresent() ? shared.get() : score;
        passes.computeIfAbsent(pass, key -> new ArrayList<>()).add(cell);
      }
    }
    return List.copyOf(passes.values());
  }
}
