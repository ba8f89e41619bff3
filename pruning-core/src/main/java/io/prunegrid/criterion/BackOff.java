package io.prunegrid.criterion;

/**
 * The ratio is the most that goes: what costs too much accuracy is tried again with less.
 *
 * @param accuracy the share of the unpruned network's accuracy that must be left, in (0, 1]
 * @param factor what a try that failed is multiplied by, in (0, 1)
 * @param rounds how many tries there are, at least 1
 */
public record BackOff(double accuracy, double factor, int rounds) {}
