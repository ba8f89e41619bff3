package io.prunegrid.job.sweep;

import java.util.List;

/**
 * A sweep that has been checked as a whole: its data and networks were found, its names are known,
 * its values are allowed.
 *
 * @param name what it is called in its rows
 * @param grids at least one
 * @param results folder of the results
 * @param store folder of bases and scores
 * @param models whether each cell's network is kept
 * @param slots cells that run at the same time; 0 for as many as there are cores for their threads
 * @param threads threads that compute one cell
 * @param device {@code cpu}, {@code gpu} or {@code gpu:N}
 */
public record Sweep(
    String name,
    List<Grid> grids,
    String results,
    String store,
    KeepModels models,
    int slots,
    int threads,
    String device) {
  /** Name of the only grid of a sweep that names none. */
  public static final String MAIN_GRID = "main";

  public Sweep {
    grids = List.copyOf(grids);
  }

  /** Every cell, grid by grid in the order in which the grids are written. */
  public List<GridCell> cells() {
    return grids.stream().flatMap(grid -> grid.cells().stream()).toList();
  }

  /**
   * Cells that run at the same time on this machine: as asked, or as many as the cores have room
   * for.
   */
  public int localSlots() {
    return slots > 0 ? slots : Math.max(1, Runtime.getRuntime().availableProcessors() / threads);
  }

  /** Whether the pruned networks are saved as model folders under the results. */
  public enum KeepModels {
    YES,
    NO
  }
}
