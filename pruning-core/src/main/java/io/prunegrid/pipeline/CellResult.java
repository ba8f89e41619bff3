package io.prunegrid.pipeline;

import io.prunegrid.measure.Evaluation;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What one cell found out.
 *
 * @param keys identities of the cell and of what it shares
 * @param inputs content of the inputs
 * @param baseHash content hash of the base's weights
 * @param scoreHash content hash of the scores; absent where the ratio is 0
 * @param effect what the selection did
 * @param base accuracy of the unpruned network, with the same head and on the same images as the
 *     next two
 * @param pruned accuracy after removal
 * @param retrained accuracy after retraining; absent where the cell does not retrain
 * @param before size of the unpruned network with the cell's head
 * @param removedTo size right after removal, before anything grew back
 * @param after size of the pruned network, retrained where the cell retrains
 * @param prunable classes of coupled channels, or weights, that may go
 * @param removed how many of them went
 * @param channelsKept output channels left, by layer
 * @param retrainBestEpoch the epoch whose weights were kept, counted from 1; absent without
 *     retraining loaded
 * @param scoreReused whether the scores came from the store or from another cell of this run
 * @param baseReused whether the base did
 * @param retrainImages images that went through training steps
 * @param seconds wall seconds of the steps
 */
public record CellResult(
    CellKeys keys,
    InputHashes inputs,
    String baseHash,
    Optional<String> scoreHash,
    Effect effect,
    Evaluation base,
    Evaluation pruned,
    Optional<Evaluation> retrained,
    NetworkFigures before,
    NetworkFigures removedTo,
    NetworkFigures after,
    long prunable,
    long removed,
    Map<String, Integer> channelsKept,
    OptionalInt retrainBestEpoch,
    OptionalLong retrainImages,
    boolean baseReused,
    boolean scoreReused,
    StepSeconds seconds) {}
