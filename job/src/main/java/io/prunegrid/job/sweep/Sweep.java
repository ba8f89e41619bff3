package io.prunegrid.job.sweep;

import java.util.List;
import java.util.Optional;

/**
 * A sweep that has been checked as a whole: its data and networks were found, its names are known,
 * its values are allowed.
 *
 * @param name what it is called in its rows
 * @param grids at least one
 * @param results folder of the results
 * @param stores folders of bases and scores: the sweep's own, then those that are only read
 * @param models whether each cell's network is kept
 * @param latency what is timed after the cells; absent where nothing is
 * @param waitsFor what the program cannot do yet, so that the sweep can be counted and not run
 */
public record Sweep(
    String name,
    List<Grid> grids,
    String results,
    List<String> stores,
    KeepModels models,
    Execution execution,
    Limits limits,
    Optional<LatencyPhase> latency,
    Optional<String> waitsFor) {
  /** Name of the only grid of a sweep that names none. */
  public static final String MAIN_GRID = "main";

  public Sweep {
    grids = List.copyOf(grids);
    stores = List.copyOf(stores);
    if (stores.isEmpty()) {
      throw new IllegalArgumentException("a sweep needs a store");
    }
  }

  /** Every cell, grid by grid in the order in which the grids are written. */
  public List<GridCell> cells() {
    return grids.stream().flatMap(grid -> grid.cells().stream()).toList();
  }

  /** The store that the sweep writes to. */
  public String store() {
    return stores.get(0);
  }

  /** Whether the pruned networks are saved as model folders under the results. */
  public enum KeepModels {
    YES,
    NO
  }
}
