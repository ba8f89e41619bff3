package io.prunegrid.job.spark;

import io.prunegrid.job.sweep.LatencyRuntime;
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
 * @param runtime what runs the networks
 * @param batchSize images of a pass
 * @param settled keys of what has been measured, or cannot be: on a device of such a class nothing
 *     is to be done
 */
record LatencyWorkItem(
    CellConfig config,
    String cellKey,
    String structure,
    String baseStructure,
    LatencyRuntime runtime,
    int batchSize,
    Set<String> settled)
    implements Serializable {}
