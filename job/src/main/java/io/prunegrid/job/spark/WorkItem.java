package io.prunegrid.job.spark;

import java.io.Serializable;

/**
 * One piece of work: a cell, or a base or score that cells share.
 *
 * @param key what it is known by, alone in its run
 * @param kind {@code cell}, {@code base}, {@code score} and so on
 * @param label what it is, for people
 * @param payload what the {@link ItemRunner} needs to do it
 */
public record WorkItem(String key, String kind, String label, Serializable payload)
    implements Serializable {}
