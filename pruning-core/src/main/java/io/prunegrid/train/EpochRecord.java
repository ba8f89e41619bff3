package io.prunegrid.train;

import java.util.OptionalDouble;

/**
 * What one epoch came to.
 *
 * @param epoch from 1
 * @param lr learning rate of its steps
 * @param loss mean cross-entropy over its images, each measured before the step it took part in
 * @param validationPercent top-1 on the validation part after the epoch; empty without one
 * @param seconds time it took, validation included
 */
public record EpochRecord(
    int epoch, double lr, double loss, OptionalDouble validationPercent, double seconds) {}
