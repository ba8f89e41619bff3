package io.prunegrid.job.spark;

import io.prunegrid.pipeline.CellConfig;
import java.io.Serializable;
import java.util.List;

/**
 * What an executor needs to make several scores in one pass over the images.
 *
 * @param cells one for each score
 */
record PassWorkItem(List<CellConfig> cells) implements Serializable {
  PassWorkItem {
    cells = List.copyOf(cells);
  }
}
