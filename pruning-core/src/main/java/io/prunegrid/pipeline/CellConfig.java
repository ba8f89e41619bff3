package io.prunegrid.pipeline;

import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.train.TrainingConfig;
import java.io.Serializable;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything a person decided about one cell. Together with the content of its inputs it determines
 * the cell's row.
 *
 * @param model the network it starts from
 * @param training how the base is trained; ignored where the model brings weights
 * @param data for instance {@code fashion} or {@code cifar10:/data/cifar-10-batches-bin}
 * @param subset selected classes
 * @param head what becomes of the head
 * @param method the criterion
 * @param selection how scores become a selection
 * @param ratio share of classes of coupled channels, or of weights, to remove, in [0, 1)
 * @param retrain how the pruned network is retrained
 * @param seed source of every random stream of the cell
 */
public record CellConfig(
    ModelConfig model,
    TrainingConfig training,
    String data,
    SubsetConfig subset,
    Head head,
    MethodConfig method,
    SelectionConfig selection,
    double ratio,
    TrainingConfig retrain,
    long seed)
    implements Serializable {
  /** The criterion's parameters, and the limits of the selection that are set. */
  public SortedMap<String, String> chosen() {
    SortedMap<String, String> chosen = new TreeMap<>(method.parameters());
    chosen.putAll(selection.limits().named());
    return chosen;
  }
}
