package io.prunegrid.job.store;

import java.io.Serializable;

/**
 * Where and with what a cell ran.
 *
 * @param host name of the machine
 * @param device for instance {@code cpu} or {@code gpu:0}
 * @param deviceName the processor's or card's own name
 * @param threads threads a cell computes with
 * @param numerics what may change the last bits: device kind, threads a cell, library version
 * @param pruneGrid version of PruneGrid
 * @param java version of the Java runtime
 * @param djl version of DJL
 * @param pytorch version of PyTorch
 */
public record Place(
    String host,
    String device,
    String deviceName,
    int threads,
    String numerics,
    String pruneGrid,
    String java,
    String djl,
    String pytorch)
    implements Serializable {}
