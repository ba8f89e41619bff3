package io.prunegrid.job.spark;

import io.prunegrid.pipeline.CellConfig;
import java.io.Serializable;
import java.util.Set;

/**
 * What an executor needs to measure a structure.
 *
 * @param config a cell whose networks have the two structures
 * @param cellKey its key
 * @param structure hash of the pruned network's graph, from the cell's row
 * @param baseStructure hash of the unpruned network's graph, from the cell's row
 * @param batchSize images of a pass
 * @param measured keys of what has been measured: on a device of such a class nothing is to be done
 */
record LatencyWorkItem(
    CellConfig config,
    String cellKey,
    String structure,
    String baseStructure,
    int batchSize,
    Set<String> measured)
    implements Serializable {}
