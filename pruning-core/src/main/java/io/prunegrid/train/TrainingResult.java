package io.prunegrid.train;

import io.prunegrid.graph.Model;
import java.util.List;

/**
 * What training came to.
 *
 * @param model the weights of the best epoch
 * @param epochs every epoch that was run
 * @param bestEpoch from 1: with a validation part the first of those with its highest accuracy,
 *     else the last; 0 when nothing was trained
 * @param imagesSeen images that took part in a step, an image once for each epoch
 */
public record TrainingResult(
    Model model, List<EpochRecord> epochs, int bestEpoch, long imagesSeen) {
  public TrainingResult {
    epochs = List.copyOf(epochs);
  }
}
