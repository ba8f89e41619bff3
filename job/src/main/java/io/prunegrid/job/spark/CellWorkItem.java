package io.prunegrid.job.spark;

import io.prunegrid.pipeline.CellConfig;
import java.io.Serializable;

/**
 * What an executor needs of a cell, or of the work that the cell shares.
 *
 * @param grid name of the cell's grid
 * @param config the cell
 * @param cellKey the key that the driver worked out from its inputs
 */
record CellWorkItem(String grid, CellConfig config, String cellKey) implements Serializable {}
