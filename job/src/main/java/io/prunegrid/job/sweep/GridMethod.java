package io.prunegrid.job.sweep;

import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.pipeline.MethodConfig;

/**
 * A method as a grid uses it on one model.
 *
 * @param label what rules call it: what the sweep names it, the criterion's name where it does not
 * @param method the criterion with its parameters
 * @param selection how its scores become a selection: the grid's keys, overridden by the model's
 *     and by the method's
 */
public record GridMethod(String label, MethodConfig method, SelectionConfig selection) {}
