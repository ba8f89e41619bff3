package io.prunegrid.pipeline;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.format.SelectionFile;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Prunes one network by what a person chose, in place of scores.
 *
 * @param selection whether channels are taken out or zeroed
 * @param head {@link Head#FULL} where absent
 */
public record ChosenPruning(
    Workbench bench, CoupledChannels channels, SelectionConfig selection, Optional<Head> head) {

  /**
   * Removes just the channels that a file lists.
   *
   * @param subset classes to which the head is reduced where that is asked
   * @throws BadInput with everything that would break
   */
  public SinglePruning.Result run(
      SelectionFile.Draft chosen, Optional<String> subset, SinglePruning.Masks masks) {
    PruningEnd end = PruningEnd.of(bench, head, subset, masks);
    LoadedModel loaded = bench.model();
    // of another network's layers nothing fits
    chosen
        .network()
        .filter(network -> !network.equals(loaded.network()))
        .ifPresent(
            network ->
                chosen.refuse(
                    List.of(
                        "the selection is of "
                            + network
                            + ", but the model is "
                            + loaded.network())));
    Pruner.Outcome outcome =
        Pruner.chosen(
            loaded.model(), channels, ChosenChannels.classes(channels, chosen), selection);
    SortedMap<String, String> made = new TreeMap<>(selection.limits().named());
    made.put("command", "prune");
    made.put("weights", loaded.weightsHash());
    made.put("method", "chosen by hand");
    made.put("apply", selection.apply().toString());
    return end.result(outcome, made);
  }
}
