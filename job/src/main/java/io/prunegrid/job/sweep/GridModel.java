package io.prunegrid.job.sweep;

import io.prunegrid.pipeline.ModelConfig;
import io.prunegrid.train.TrainingConfig;
import java.util.List;

/**
 * A model as a grid uses it.
 *
 * @param label what rules call it: what the sweep names it, the network's name where it does not
 * @param training how its base is trained where it has no weights
 * @param retrain how its pruned networks are retrained
 * @param methods the grid's methods, each under what this model says of selection
 */
public record GridModel(
    String label,
    ModelConfig model,
    TrainingConfig training,
    TrainingConfig retrain,
    List<GridMethod> methods) {
  public GridModel {
    methods = List.copyOf(methods);
  }
}
