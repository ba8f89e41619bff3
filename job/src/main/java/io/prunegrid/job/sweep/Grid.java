package io.prunegrid.job.sweep;

import io.prunegrid.pipeline.CellConfig;
import io.prunegrid.pipeline.Head;
import io.prunegrid.pipeline.SubsetConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One block of a sweep: the product of its axes, but that zipped axes advance together, less the
 * cells that rules take out. No axis is empty and no axis lists a value twice.
 *
 * @param name {@code main} where the sweep names no grids
 * @param varied values of keys that the sweep varies, by key, that hold in this block
 * @param data what a person wrote to name the data
 * @param models each with as many methods as the others, of the same criteria in the same order
 * @param ratios canonical decimals in [0, 1)
 * @param zips sets of axes of equal length that advance together, no axis in two of them
 * @param only the cells that are kept; all where absent
 * @param excluded cells that are taken out
 */
public record Grid(
    String name,
    SortedMap<String, String> varied,
    String data,
    List<GridModel> models,
    List<SubsetConfig> subsets,
    List<Double> ratios,
    List<Long> seeds,
    Head head,
    List<Set<Axis>> zips,
    Optional<CellRule> only,
    List<CellRule> excluded) {

  public Grid {
    varied = new TreeMap<>(varied);
    models = List.copyOf(models);
    subsets = List.copyOf(subsets);
    ratios = List.copyOf(ratios);
    seeds = List.copyOf(seeds);
    zips = zips.stream().map(Set::copyOf).toList();
    excluded = List.copyOf(excluded);
  }

  /** Is told the positions of cells on the axes. */
  @FunctionalInterface
  public interface Visitor {
    void cell(int model, int seed, int subset, int method, int ratio);
  }

  /** The methods, as the first model uses them. */
  public List<GridMethod> methods() {
    return models.isEmpty() ? List.of() : models.get(0).methods();
  }

  /** How many values an axis has. */
  public int length(Axis axis) {
    return switch (axis) {
      case MODELS -> models.size();
      case SEEDS -> seeds.size();
      case SUBSETS -> subsets.size();
      case METHODS -> methods().size();
      case RATIOS -> ratios.size();
    };
  }

  /** Cells before rules take any out. */
  public long product() {
    return dimensions().stream()
        .mapToLong(axes -> length(axes.get(0)))
        .reduce(1, (a, b) -> a > Long.MAX_VALUE / Math.max(1, b) ? Long.MAX_VALUE : a * b);
  }

  /**
   * Visits every cell, models varying slowest, then seeds, subsets, methods, and ratios fastest, so
   * that cells which share a base stand together, and within them cells that share a score. Zipped
   * axes vary as slowly as the slowest of them.
   */
  public void forEach(Visitor visitor) {
    int[] at = new int[Axis.values().length];
    visit(dimensions(), 0, at, visitor);
  }

  private void visit(List<List<Axis>> dimensions, int depth, int[] at, Visitor visitor) {
    if (depth == dimensions.size()) {
      if (keeps(at)) {
        visitor.cell(at[0], at[1], at[2], at[3], at[4]);
      }
      return;
    }
    List<Axis> axes = dimensions.get(depth);
    int length = length(axes.get(0));
    for (int i = 0; i < length; i++) {
      for (Axis axis : axes) {
        at[axis.position()] = i;
      }
      visit(dimensions, depth + 1, at, visitor);
    }
  }

  private boolean keeps(int[] at) {
    if (only.isPresent() && !only.get().matches(at)) {
      return false;
    }
    for (CellRule rule : excluded) {
      if (rule.matches(at)) {
        return false;
      }
    }
    return true;
  }

  /** Axes that advance together, in the order of the slowest of each. */
  private List<List<Axis>> dimensions() {
    List<List<Axis>> dimensions = new ArrayList<>();
    for (Axis axis : Axis.values()) {
      Optional<Set<Axis>> zip = zips.stream().filter(set -> set.contains(axis)).findFirst();
      if (zip.isEmpty()) {
        dimensions.add(List.of(axis));
      } else if (Arrays.stream(Axis.values()).filter(zip.get()::contains).findFirst().get()
          == axis) {
        dimensions.add(zip.get().stream().sorted().toList());
      }
    }
    return dimensions;
  }

  /** How many cells there are. */
  public int size() {
    if (only.isEmpty() && excluded.isEmpty()) {
      return Math.toIntExact(product());
    }
    int[] count = new int[1];
    forEach((model, seed, subset, method, ratio) -> count[0]++);
    return count[0];
  }

  /** The cell at these positions on the axes. */
  public CellConfig cell(int model, int seed, int subset, int method, int ratio) {
    GridModel of = models.get(model);
    GridMethod by = of.methods().get(method);
    return new CellConfig(
        of.model(),
        of.training(),
        data,
        subsets.get(subset),
        head,
        by.method(),
        by.selection(),
        ratios.get(ratio),
        of.retrain(),
        seeds.get(seed));
  }

  /** Every cell, in the order of {@link #forEach}. */
  public List<GridCell> cells() {
    List<GridCell> cells = new ArrayList<>();
    forEach(
        (model, seed, subset, method, ratio) ->
            cells.add(new GridCell(name, cell(model, seed, subset, method, ratio))));
    return cells;
  }

  /** The grid's name with what it varies, for people: {@code main (retrain.lr = 0.1)}. */
  public String label() {
    if (varied.isEmpty()) {
      return name;
    }
    List<String> values = new ArrayList<>();
    for (Map.Entry<String, String> entry : varied.entrySet()) {
      values.add(entry.getKey() + " = " + entry.getValue());
    }
    return name + " (" + String.join(", ", values) + ")";
  }
}
