package io.prunegrid.job.cli;

import io.prunegrid.job.sweep.Axis;
import io.prunegrid.job.sweep.Grid;
import io.prunegrid.job.sweep.Plan;
import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.job.sweep.PlannedImages;
import io.prunegrid.job.sweep.ScoringPasses;
import io.prunegrid.job.sweep.StepTimes;
import io.prunegrid.job.sweep.Sweep;
import io.prunegrid.pipeline.CellWork;
import io.prunegrid.runtime.ImageCounts;
import java.io.PrintWriter;
import java.util.AbstractList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** What a plan comes to, for people and as JSON. */
final class PlanReport {
  private final Sweep sweep;
  private final Plan plan;
  private final Plan missing;
  private final int waiting;
  private final Set<String> absent;
  private final Part bases;
  private final Part scores;
  private final Part evaluations;
  private final int passes;
  private final PlannedImages images;
  private final PlannedImages alone;
  private final StepTimes times;
  private final StepTimes.Seconds seconds;

  /**
   * Pieces of work that cells share.
   *
   * @param total distinct ones of all cells
   * @param computed those that are trained or see images
   * @param needed computed ones that missing cells need
   * @param found those of them that a store has
   */
  private record Part(int total, int computed, int needed, int found) {
    static Part of(
        List<PlannedCell> all,
        List<PlannedCell> missing,
        Predicate<PlannedCell> computed,
        Function<PlannedCell, String> key,
        Predicate<String> artifacts) {
      int needed = 0;
      int found = 0;
      for (PlannedCell cell : missing) {
        if (computed.test(cell)) {
          needed++;
          found += artifacts.test(key.apply(cell)) ? 1 : 0;
        }
      }
      return new Part(all.size(), (int) all.stream().filter(computed).count(), needed, found);
    }

    int toCompute() {
      return needed - found;
    }

    Map<String, Integer> json() {
      Map<String, Integer> json = new LinkedHashMap<>();
      json.put("all", total);
      json.put("computed", computed);
      json.put("needed", needed);
      json.put("found", found);
      return json;
    }
  }

  /**
   * @param absent inputs that were looked for and are not here
   */
  PlanReport(Sweep sweep, Plan plan, PlanState state, Set<String> absent) {
    this.sweep = sweep;
    this.plan = plan;
    Set<String> failedBefore = state.waiting(plan);
    this.missing = state.unfinished(plan).without(failedBefore);
    this.waiting = failedBefore.size();
    this.absent = absent;
    Predicate<String> artifacts = state.artifacts();
    this.bases =
        Part.of(
            plan.bases(),
            missing.bases(),
            PlannedCell::trainsBase,
            cell -> cell.keys().base(),
            artifacts);
    this.scores =
        Part.of(
            plan.scores(),
            missing.scores(),
            PlannedCell::scoresImages,
            cell -> cell.keys().score(),
            artifacts);
    this.evaluations =
        Part.of(
            plan.evaluations(),
            missing.evaluations(),
            cell -> true,
            cell -> cell.keys().evaluation(),
            artifacts);
    this.passes = ScoringPasses.of(missing, artifacts).size();
    this.images = PlannedImages.of(missing, artifacts);
    this.alone = PlannedImages.alone(missing);
    this.times = state.times(sweep.execution().threads());
    this.seconds = times.of(missing, artifacts);
  }

  private int slots() {
    return sweep.execution().localSlots();
  }

  private int pieces() {
    return bases.toCompute() + scores.toCompute() + evaluations.toCompute();
  }

  private int finished() {
    return plan.cells().size() - missing.cells().size() - waiting;
  }

  /** As many as fill the slots, or as the longest chain of work that needs other work has links. */
  private int waves() {
    int work = pieces() + missing.cells().size();
    int chain =
        Math.min(1, bases.toCompute())
            + Math.min(1, scores.toCompute() + evaluations.toCompute())
            + Math.min(1, missing.cells().size());
    return Math.max((work + slots() - 1) / slots(), chain);
  }

  private double savedPercent() {
    long all = alone.counts().total();
    return all == 0 ? 0 : 100.0 * (all - images.counts().total()) / all;
  }

  void print(PrintWriter out) {
    out.println("sweep " + sweep.name());
    sweep.grids().forEach(grid -> out.println("  " + line(grid)));
    for (String what : absent) {
      out.println("not here    " + what);
    }
    sweep.waitsFor().ifPresent(what -> out.println("waits for   " + what));
    out.printf("cells       %d%s%n", plan.cells().size(), collapsed());
    out.printf(
        "bases       %d, of which %d are trained%s%n", bases.total, bases.computed, found(bases));
    out.printf(
        "scores      %d, of which %d see images%s%s%n",
        scores.total, scores.computed, found(scores), together());
    out.printf("evaluations %d of unpruned networks%s%n", evaluations.total, found(evaluations));
    if (absent.isEmpty()) {
      out.printf("finished    %d, missing %d%n", finished(), missing.cells().size());
      if (waiting > 0) {
        out.printf(
            "failed      %d failed before, or need what failed: rerun --status failed tries them"
                + " again, run does not%n",
            waiting);
      }
    } else {
      out.println("finished    unknown while inputs are not here");
    }
    if (isDataAbsent()) {
      out.println("images      unknown while data are not here");
    } else {
      printImages(out);
    }
    out.printf(
        "waves       %d on %d slots: %d shared pieces of work, then %d cells%n",
        waves(), slots(), pieces(), missing.cells().size());
    if (!isDataAbsent()) {
      printTime(out);
    }
    out.printf("results     %s%n", sweep.results());
    out.printf("store       %s%n", String.join(", then ", sweep.stores()));
    out.flush();
  }

  private boolean isDataAbsent() {
    return absent.stream().anyMatch(what -> what.startsWith("data "));
  }

  private void printImages(PrintWriter out) {
    ImageCounts counts = images.counts();
    out.printf(
        Locale.ROOT,
        "images      %s%,d through networks: %,d in training, %,d for scores, %,d in evaluations%n",
        images.stop() == CellWork.Stop.PERHAPS_EARLY ? "at most " : "",
        counts.total(),
        counts.trained(),
        counts.scored(),
        counts.evaluated());
    out.printf(
        Locale.ROOT,
        "sharing     saves %,d images, %.0f %% of what the cells would need each alone%n",
        alone.counts().total() - counts.total(),
        savedPercent());
  }

  private void printTime(PrintWriter out) {
    out.printf(
        "time        about %s on this machine's %d slots (%s)%n",
        Durations.text(Math.round(seconds.on(slots()))),
        slots(),
        times.observed() > 0
            ? "from the steps of " + times.observed() + " finished cells"
            : "a guess from multiply-accumulates, good to a factor of a few");
  }

  private String together() {
    return passes < scores.toCompute()
        ? String.format(
            ", %d to be made in %d %s over images",
            scores.toCompute(), passes, passes == 1 ? "pass" : "passes")
        : "";
  }

  private static String found(Part part) {
    return part.found == 0 ? "" : ", " + part.found + " of " + part.needed + " needed in the store";
  }

  private static String line(Grid grid) {
    StringBuilder line = new StringBuilder("grid " + grid.label() + ": ");
    line.append(count(grid, Axis.MODELS)).append(" x ").append(count(grid, Axis.SUBSETS));
    line.append(" x ").append(count(grid, Axis.METHODS)).append(" x ");
    line.append(count(grid, Axis.RATIOS)).append(" x ").append(count(grid, Axis.SEEDS));
    for (Set<Axis> zip : grid.zips()) {
      line.append(", ");
      line.append(String.join(" with ", zip.stream().sorted().map(Axis::key).toList()));
    }
    long product = grid.product();
    int size = grid.size();
    if (size < product) {
      line.append(", ").append(product - size).append(" left out");
    }
    return line.append(" = ").append(size).append(" cells on ").append(grid.data()).toString();
  }

  private static String count(Grid grid, Axis axis) {
    int n = grid.length(axis);
    return n + " " + (n == 1 ? axis.one() : axis.key());
  }

  private String collapsed() {
    return plan.collapsed() == 0
        ? ""
        : ", after "
            + plan.collapsed()
            + " of "
            + plan.asked()
            + " fell together: seeds that vary nothing, or the same cell in two grids";
  }

  Map<String, ?> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("sweep", sweep.name());
    json.put("results", sweep.results());
    json.put("stores", sweep.stores());
    json.put("asked", plan.asked());
    json.put("cells", plan.cells().size());
    json.put("finished", finished());
    json.put("failedBefore", waiting);
    json.put("bases", bases.json());
    json.put("scores", scores.json());
    json.put("passes", passes);
    json.put("evaluations", evaluations.json());
    Map<String, Long> through = new LinkedHashMap<>();
    through.put("trained", images.counts().trained());
    through.put("scored", images.counts().scored());
    through.put("evaluated", images.counts().evaluated());
    json.put("images", through);
    json.put("secondsOfWork", seconds.total());
    json.put("recordedCells", times.observed());
    json.put("notHere", List.copyOf(absent));
    sweep.waitsFor().ifPresent(what -> json.put("waitsFor", what));
    json.put("missing", new Described(missing.cells()));
    return json;
  }

  /** What is to run; made one by one as it is written. */
  private static final class Described extends AbstractList<Map<String, Object>> {
    private final List<PlannedCell> cells;

    Described(List<PlannedCell> cells) {
      this.cells = cells;
    }

    @Override
    public Map<String, Object> get(int index) {
      PlannedCell cell = cells.get(index);
      Map<String, Object> described = new LinkedHashMap<>();
      described.put("key", cell.keys().cell());
      described.put("grid", cell.grid());
      described.put("model", cell.config().model().name());
      described.put("subset", cell.config().subset().name());
      described.put("method", cell.config().method().name());
      described.put("ratio", cell.config().ratio());
      described.put("seed", cell.config().seed());
      return described;
    }

    @Override
    public int size() {
      return cells.size();
    }
  }
}
