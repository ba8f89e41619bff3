package io.prunegrid.pipeline;

/**
 * The size of a network, and which structure it has.
 *
 * @param structure SHA-256 of its graph as JSON: networks that differ in weights alone share it
 * @param params parameters, buffers not counted
 * @param nonzeroParams parameters that are not zero
 * @param macs multiply-accumulates of one image in convolutions and linear layers, biases not
 *     counted
 * @param nonzeroMacs those whose weight is not zero
 * @param bytes size of the saved weights file
 */
public record NetworkFigures(
    String structure, long params, long nonzeroParams, long macs, long nonzeroMacs, long bytes) {}
