package io.prunegrid.pipeline;

/**
 * How many images go through a cell's network in each step.
 *
 * @param macs multiply-accumulates of one image in the unpruned network
 * @param baseImages images in training steps of the base, all epochs; 0 where it is loaded
 * @param scoreImages images the criterion sees, if it sees any
 * @param testImages images of one evaluation
 * @param retrainImages images in training steps of retraining, all epochs
 */
public record CellWork(
    long macs, long baseImages, long scoreImages, long testImages, long retrainImages) {}
