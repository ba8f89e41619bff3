package io.prunegrid.job.sweep;

import io.prunegrid.pipeline.CellConfig;
import io.prunegrid.pipeline.Head;
import io.prunegrid.pipeline.ModelConfig;
import io.prunegrid.pipeline.SubsetConfig;
import io.prunegrid.train.TrainingConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * One cartesian block of a sweep. No axis is empty and no axis lists a value twice.
 *
 * @param name {@code main} where the sweep names no grids
 * @param data what a person wrote to name the data
 * @param ratios canonical decimals in [0, 1)
 */
public record Grid(
    String name,
    String data,
    List<ModelConfig> models,
    List<SubsetConfig> subsets,
    List<GridMethod> methods,
    List<Double> ratios,
    List<Long> seeds,
    Head head,
    TrainingConfig training,
    TrainingConfig retrain) {

  public Grid {
    models = List.copyOf(models);
    subsets = List.copyOf(subsets);
    methods = List.copyOf(methods);
    ratios = List.copyOf(ratios);
    seeds = List.copyOf(seeds);
  }

  /**
   * Every cell, models varying slowest, then seeds, subsets, methods, and ratios fastest: cells
   * that share a base stand together, and within them cells that share a score.
   */
  public List<GridCell> cells() {
    List<GridCell> cells = new ArrayList<>();
    for (ModelConfig model : models) {
      for (long seed : seeds) {
        for (SubsetConfig subset : subsets) {
          for (GridMethod method : methods) {
            for (double ratio : ratios) {
              cells.add(
                  new GridCell(
                      name,
                      new CellConfig(
                          model,
                          training,
                          data,
                          subset,
                          head,
                          method.method(),
                          method.selection(),
                          ratio,
                          retrain,
                          seed)));
            }
          }
        }
      }
    }
    return cells;
  }
}
