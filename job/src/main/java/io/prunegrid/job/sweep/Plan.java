package io.prunegrid.job.sweep;

import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Need;
import io.prunegrid.pipeline.CellConfig;
import io.prunegrid.pipeline.CellKeys;
import io.prunegrid.pipeline.CellWork;
import io.prunegrid.pipeline.Inputs;
import io.prunegrid.pipeline.ModelLoader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a sweep means: its distinct cells and the work they share. {@code plan} prints it and {@code
 * run} does it.
 */
public final class Plan {
  /**
   * A training step costs about three forward passes: one forward, one to each input, one to each
   * weight.
   */
  private static final int PASSES_OF_A_TRAINING_STEP = 3;

  private final List<PlannedCell> cells;
  private final int asked;

  private Plan(List<PlannedCell> cells, int asked) {
    this.cells = List.copyOf(cells);
    this.asked = asked;
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

    private String methodLabel() {
      StringBuilder label = new StringBuilder(config.method().name());
      new TreeMap<>(config.method().parameters())
          .forEach((name, value) -> label.append(' ').append(name).append('=').append(value));
      return label.toString();
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
  public static Plan of(Sweep sweep, Inputs inputs) {
    List<GridCell> asked = sweep.cells();
    Map<String, PlannedCell> distinct = new LinkedHashMap<>();
    for (GridCell cell : asked) {
      CellKeys keys = CellKeys.of(cell.config(), inputs.hashes(cell.config()));
      if (!distinct.containsKey(keys.cell())) {
        distinct.put(
            keys.cell(),
            new PlannedCell(cell.grid(), cell.config(), keys, inputs.work(cell.config())));
      }
    }
    return new Plan(new ArrayList<>(distinct.values()), asked.size());
  }

  /** Every distinct cell, in the sweep's order. */
  public List<PlannedCell> cells() {
    return cells;
  }

  /** How many cells the sweep's axes make, before equal ones fall together. */
  public int asked() {
    return asked;
  }

  /** Cells that are equal to another one, seeds that vary nothing among them. */
  public int collapsed() {
    return asked - cells.size();
  }

  /** The cells that are not finished yet. */
  public Plan without(Set<String> finishedKeys) {
    return new Plan(
        cells.stream().filter(cell -> !finishedKeys.contains(cell.keys().cell())).toList(), asked);
  }

  /** Keys of the cells that are, or need, one of these: cells, bases, evaluations or scores. */
  public Set<String> needing(Set<String> keys) {
    Set<String> needing = new LinkedHashSet<>();
    for (PlannedCell cell : cells) {
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
    return new Plan(
        cells.stream().filter(cell -> cellKeys.contains(cell.keys().cell())).toList(), asked);
  }

  /** One cell for each distinct base. */
  public Collection<PlannedCell> bases() {
    Map<String, PlannedCell> bases = new LinkedHashMap<>();
    cells.forEach(cell -> bases.putIfAbsent(cell.keys().base(), cell));
    return bases.values();
  }

  /** One cell for each distinct score; cells of ratio 0 need none. */
  public Collection<PlannedCell> scores() {
    Map<String, PlannedCell> scores = new LinkedHashMap<>();
    cells.stream()
        .filter(cell -> cell.config().ratio() != 0)
        .forEach(cell -> scores.putIfAbsent(cell.keys().score(), cell));
    return scores.values();
  }

  /** One cell for each evaluation of an unpruned network. */
  public Collection<PlannedCell> evaluations() {
    Map<String, PlannedCell> evaluations = new LinkedHashMap<>();
    cells.forEach(cell -> evaluations.putIfAbsent(cell.keys().evaluation(), cell));
    return evaluations.values();
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

  /** Multiply-accumulates of the whole plan, networks taken as unpruned: an upper bound. */
  public double macs() {
    double total = 0;
    for (PlannedCell cell : bases()) {
      total +=
          (double) PASSES_OF_A_TRAINING_STEP * cell.work().macs() * cell.work().base().images();
    }
    for (PlannedCell cell : evaluations()) {
      total += (double) cell.work().macs() * cell.work().testImages();
    }
    for (PlannedCell cell : scores()) {
      total +=
          cell.scoresImages()
              ? (double) PASSES_OF_A_TRAINING_STEP * cell.work().macs() * cell.work().scoreImages()
              : 0;
    }
    for (PlannedCell cell : cells) {
      int evaluations = cell.config().retrain().epochs() > 0 ? 2 : 1;
      total += (double) cell.work().macs() * evaluations * cell.work().testImages();
      total +=
          (double) PASSES_OF_A_TRAINING_STEP * cell.work().macs() * cell.work().retrain().images();
    }
    return total;
  }
}
