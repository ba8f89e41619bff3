package io.prunegrid.job.sweep;

import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Need;
import io.prunegrid.pipeline.CellConfig;
import io.prunegrid.pipeline.CellInputs;
import io.prunegrid.pipeline.CellKeys;
import io.prunegrid.pipeline.CellWork;
import io.prunegrid.pipeline.ModelLoader;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.RandomAccess;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * What a sweep means: its distinct cells and the work they share. {@code plan} prints it and {@code
 * run} does it.
 */
public final class Plan {
  private final PlanTable table;

  /** Positions of the plan's cells in the table, ascending. */
  private final int[] chosen;

  private Plan(PlanTable table, int[] chosen) {
    this.table = table;
    this.chosen = chosen;
  }

  /**
   * A cell with its identity.
   *
   * @param grid the first grid that asks for it
   */
  public record PlannedCell(String grid, CellConfig config, CellKeys keys, CellWork work) {
    /** What it is, for people. */
    public String label() {
      return subsetLabel() + " " + methodLabel() + " " + config.ratio() + " seed " + config.seed();
    }

    /** What its base is, for people. */
    public String baseLabel() {
      return "base of " + modelLabel() + " seed " + config.seed();
    }

    /** What its base's evaluation is, for people. */
    public String evaluationLabel() {
      return "evaluation of " + subsetLabel() + " seed " + config.seed();
    }

    /** What its scores are, for people. */
    public String scoreLabel() {
      return "scores of " + subsetLabel() + " " + methodLabel() + " seed " + config.seed();
    }

    /** What the pass over the images is, for people, that makes so many scores, its own first. */
    public String passLabel(int scores) {
      return "pass for " + scores + " scores of " + subsetLabel() + " seed " + config.seed();
    }

    private String methodLabel() {
      return Criteria.label(config.method().name(), config.chosen());
    }

    private String subsetLabel() {
      return modelLabel() + " " + config.subset().name();
    }

    private String modelLabel() {
      return (grid.equals(Sweep.MAIN_GRID) ? "" : grid + ": ") + config.model().name();
    }

    /** Whether its criterion looks at images. */
    public boolean seesImages() {
      return Criteria.named(config.method().name()).needs().contains(Need.SAMPLES);
    }

    /** Whether its scores need images pushed through the network: nothing is scored at ratio 0. */
    public boolean scoresImages() {
      return config.ratio() != 0 && seesImages();
    }

    /** Whether its base is trained from scratch. */
    public boolean trainsBase() {
      return ModelLoader.isTrainedFromScratch(config.model());
    }
  }

  /**
   * Reads the inputs' content and works out every cell's key.
   *
   * @throws io.prunegrid.common.BadInput where an input cannot be read
   */
  public static Plan of(Sweep sweep, CellInputs inputs) {
    PlanTable table = new PlanTable(sweep.grids(), inputs);
    return new Plan(table, IntStream.range(0, table.size()).toArray());
  }

  /** Every distinct cell, in the sweep's order; made anew each time one is asked for. */
  public List<PlannedCell> cells() {
    return cells(chosen);
  }

  private List<PlannedCell> cells(int[] positions) {
    return new Cells(table, positions);
  }

  private static final class Cells extends AbstractList<PlannedCell> implements RandomAccess {
    private final PlanTable table;
    private final int[] positions;

    Cells(PlanTable table, int[] positions) {
      this.table = table;
      this.positions = positions;
    }

    @Override
    public PlannedCell get(int index) {
      return table.cell(positions[index]);
    }

    @Override
    public int size() {
      return positions.length;
    }
  }

  /** How many cells the sweep's axes make, before equal ones fall together. */
  public int asked() {
    return table.asked();
  }

  /** Cells that are equal to another one, seeds that vary nothing among them. */
  public int collapsed() {
    return table.asked() - table.size();
  }

  /** The cells that are not finished yet. */
  public Plan without(Set<String> finishedKeys) {
    return finishedKeys.isEmpty() ? this : where(key -> !finishedKeys.contains(key));
  }

  /** The cells whose key is wanted. */
  public Plan where(Predicate<String> wantedKey) {
    return new Plan(
        table, Arrays.stream(chosen).filter(cell -> wantedKey.test(table.key(cell))).toArray());
  }

  /** Keys of the cells that are, or need, one of these: cells, bases, evaluations or scores. */
  public Set<String> needing(Set<String> keys) {
    Set<String> needing = new LinkedHashSet<>();
    if (keys.isEmpty()) {
      return needing;
    }
    for (PlannedCell cell : cells()) {
      CellKeys of = cell.keys();
      if (keys.contains(of.cell())
          || keys.contains(of.base())
          || keys.contains(of.evaluation())
          || (cell.config().ratio() != 0 && keys.contains(of.score()))) {
        needing.add(of.cell());
      }
    }
    return needing;
  }

  /** Only these cells. */
  public Plan only(Set<String> cellKeys) {
    return where(cellKeys::contains);
  }

  /** One cell for each distinct base. */
  public List<PlannedCell> bases() {
    return firstOfEach(table.bases(), cell -> true);
  }

  /** One cell for each distinct score; cells of ratio 0 need none. */
  public List<PlannedCell> scores() {
    return firstOfEach(table.scores(), cell -> table.ratio(cell) != 0);
  }

  /** One cell for each evaluation of an unpruned network. */
  public List<PlannedCell> evaluations() {
    return firstOfEach(table.evaluations(), cell -> true);
  }

  private List<PlannedCell> firstOfEach(KeyColumn keys, IntPredicate wanted) {
    KeyIndex index = new KeyIndex(keys);
    IntList first = new IntList();
    int last = -1;
    for (int cell : chosen) {
      int family = table.family(cell);
      if (family != last && wanted.test(cell)) {
        last = family;
        if (index.isNew(family)) {
          first.add(cell);
        }
      }
    }
    return cells(IntStream.range(0, first.size()).map(first::get).toArray());
  }

  /**
   * Pieces of work that cells share: trained bases, evaluations of unpruned networks, scores that
   * see images.
   */
  public int shared() {
    long trained = bases().stream().filter(PlannedCell::trainsBase).count();
    long seen = scores().stream().filter(PlannedCell::scoresImages).count();
    return Math.toIntExact(trained + seen + evaluations().size());
  }
}
