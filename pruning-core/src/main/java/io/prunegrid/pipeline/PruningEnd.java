package io.prunegrid.pipeline;

import io.prunegrid.channel.Heads;
import io.prunegrid.channel.KeptChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.common.BadInput;
import io.prunegrid.data.Datasets;
import io.prunegrid.format.MaskedWeights;
import io.prunegrid.format.ModelCard;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Tensor;
import io.prunegrid.pipeline.SinglePruning.Masks;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What every way of pruning one network ends with: the head, the masks, the card.
 *
 * @param classes of the head in the end
 */
record PruningEnd(Workbench bench, List<Integer> classes, Masks masks) {
  /**
   * Checks what was asked of the head, before anything is computed.
   *
   * @throws BadInput for a head that cannot be had here
   */
  static PruningEnd of(Workbench bench, Optional<Head> head, Optional<String> subset, Masks masks) {
    if (head.equals(Optional.of(Head.NEW))) {
      throw new BadInput("head=new needs training, which a sweep does; allowed: full, subset");
    }
    boolean reduces = head.equals(Optional.of(Head.SUBSET));
    if (reduces && subset.isEmpty()) {
      throw new BadInput("head=subset needs a subset to reduce the head to; name it with --subset");
    }
    return new PruningEnd(
        bench, reduces ? bench.classes(subset) : bench.model().headClasses(), masks);
  }

  /**
   * The pruned network under its head.
   *
   * @throws BadInput where channels were taken out of a network whose masks are to be kept
   */
  SinglePruning.Result result(Pruner.Outcome outcome, SortedMap<String, String> made) {
    LoadedModel loaded = bench.model();
    Model pruned = outcome.model();
    Optional<MaskedWeights> masked = masked(loaded, outcome);
    ModelGraph original = loaded.model().graph();
    return new SinglePruning.Result(
        isWhole() ? pruned : Heads.keepRows(pruned, rows()),
        outcome,
        isWhole() ? outcome.layers() : underHead(outcome.layers(), pruned.graph()),
        isWhole() ? original : Heads.withOutputs(original, classes.size()),
        new ModelCard(loaded.network(), classes, data(), made),
        masked);
  }

  private boolean isWhole() {
    return classes.equals(bench.model().headClasses());
  }

  private List<Integer> rows() {
    return classes.stream().map(bench.model().headClasses()::indexOf).toList();
  }

  private Optional<MaskedWeights> masked(LoadedModel loaded, Pruner.Outcome outcome) {
    if (masks == Masks.PERMANENT) {
      return Optional.empty();
    }
    if (loaded.masked().isPresent() && !outcome.model().graph().equals(loaded.model().graph())) {
      throw new BadInput(
          "the model folder carries masks, which taking channels out would lose; restore it first,"
              + " or make them permanent with --make-permanent");
    }
    MaskedWeights all =
        loaded
            .masked()
            .map(before -> before.and(loaded.model(), outcome.masks()))
            .orElseGet(() -> MaskedWeights.of(loaded.model(), outcome.masks()));
    if (all.masks().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(isWhole() ? all : underHead(all, loaded.model()));
  }

  private MaskedWeights underHead(MaskedWeights all, Model masked) {
    Map<String, Tensor> reduced = new LinkedHashMap<>(all.masks());
    int[] rows = rows().stream().mapToInt(Integer::intValue).toArray();
    for (String name : Heads.parameters(masked.graph())) {
      reduced.computeIfPresent(name, (n, mask) -> mask.select(0, rows));
    }
    return MaskedWeights.of(Heads.keepRows(all.restore(masked), rows()), reduced);
  }

  private Map<String, LayerKept> underHead(Map<String, LayerKept> layers, ModelGraph graph) {
    Map<String, LayerKept> reduced = new LinkedHashMap<>(layers);
    reduced.computeIfPresent(
        Heads.layer(graph).module(),
        (name, kept) -> new LayerKept(KeptChannels.some(kept.out().of(), rows()), kept.in()));
    return reduced;
  }

  private Optional<String> data() {
    return bench.hasNamedData()
        ? Optional.of(Datasets.absolute(bench.data().spec()))
        : bench.model().data();
  }
}
