package io.prunegrid.pipeline;

import java.util.Optional;

/**
 * What a cell's inputs contain, as hashes, so that its identity does not depend on where they lie.
 *
 * @param network SHA-256 of the graph as JSON, and of what its outputs stand for where weights are
 *     given
 * @param weights SHA-256 of the checkpoint file or of a model folder's tensors; absent where the
 *     base is trained
 * @param data content hash of the data set
 */
public record InputHashes(String network, Optional<String> weights, String data) {}
