package io.prunegrid.criterion;

import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;

/**
 * Sizes of batch norm scales (Liu et al. 2017, Learning Efficient Convolutional Networks through
 * Network Slimming): the mean of {@code |gamma|} over the batch norms that a class of coupled
 * channels goes through, divided by the mean over its bundle. A class without batch norm has no
 * score and stays.
 */
final class BatchNormScale extends GroupCriterion {
  BatchNormScale() {
    super("bn-scale", 2, "size of the batch norm scales of each channel; needs no data");
    reduces("mean");
  }

  @Override
  public Scores score(ScoringInput input) {
    PlaceScores places = new PlaceScores(name());
    for (Node layer : input.model().graph().layers()) {
      if (layer.op() instanceof Op.BatchNorm2d) {
        double[] sizes = Layers.doubles(input.model().weights().get(layer.parameterName("weight")));
        for (int i = 0; i < sizes.length; i++) {
          sizes[i] = Math.abs(sizes[i]);
        }
        places.addOut(layer.module(), sizes);
      }
    }
    return places.reduced(input.channels(), reduction(input));
  }
}
