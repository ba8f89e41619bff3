package io.prunegrid.pipeline;

/**
 * The size of a network.
 *
 * @param params parameters, buffers not counted
 * @param nonzeroParams parameters that are not zero
 * @param macs multiply-accumulates of one image in convolutions and linear layers, biases not
 *     counted
 * @param nonzeroMacs those whose weight is not zero
 * @param bytes size of the saved weights file
 */
public record NetworkFigures(
    long params, long nonzeroParams, long macs, long nonzeroMacs, long bytes) {}
