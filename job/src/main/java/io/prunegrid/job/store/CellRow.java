package io.prunegrid.job.store;

import io.prunegrid.pipeline.CellConfig;
import io.prunegrid.pipeline.CellResult;
import java.time.Instant;
import java.util.Optional;

/**
 * A finished cell with everything its row needs.
 *
 * @param sweep name of the sweep
 * @param grid name of the grid inside the sweep
 * @param config what was asked
 * @param result what was found
 * @param place where and with what it ran
 * @param modelFolder where the pruned and retrained network lies, relative to the results folder;
 *     absent where it was not kept
 * @param finished when the cell ended
 */
public record CellRow(
    String sweep,
    String grid,
    CellConfig config,
    CellResult result,
    Place place,
    Optional<String> modelFolder,
    Instant finished) {}
