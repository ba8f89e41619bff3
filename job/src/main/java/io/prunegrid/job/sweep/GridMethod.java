package io.prunegrid.job.sweep;

import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.pipeline.MethodConfig;

/**
 * A method as a grid uses it.
 *
 * @param method the criterion with its parameters
 * @param selection how its scores become a selection: the grid's keys, overridden by the method's
 */
public record GridMethod(MethodConfig method, SelectionConfig selection) {}
