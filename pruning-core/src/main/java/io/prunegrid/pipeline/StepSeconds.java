package io.prunegrid.pipeline;

/**
 * Wall seconds of a cell's steps. Steps whose result was reused count what this cell waited for
 * them; {@code preparationAlone} is what loading or training the base, evaluating it and scoring
 * would have cost without sharing.
 */
public record StepSeconds(
    double base,
    double evaluateBase,
    double score,
    double remove,
    double evaluatePruned,
    double retrain,
    double evaluateRetrained,
    double total,
    double preparationAlone) {}
