package io.prunegrid.job.sweep;

import io.prunegrid.pipeline.CellConfig;

/**
 * One point of a grid.
 *
 * @param grid name of the grid; {@code main} where the sweep names none
 * @param config everything a person decided about the cell
 */
public record GridCell(String grid, CellConfig config) {}
