package io.prunegrid.pipeline;

import io.prunegrid.channel.Counts;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.Target;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Unit;
import io.prunegrid.data.Part;
import io.prunegrid.format.MaskedWeights;
import io.prunegrid.format.ModelCard;
import io.prunegrid.format.ModelFolder;
import io.prunegrid.format.SavedModel;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.TrainingMasks;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Prunes one network at one ratio, without a sweep around it.
 *
 * @param channels the coupled channels of the network's graph
 * @param ratio share to remove, in [0, 1); 0 removes nothing
 * @param head {@link Head#FULL} where absent
 */
public record SinglePruning(
    Workbench bench,
    CoupledChannels channels,
    MethodConfig method,
    SelectionConfig selection,
    double ratio,
    Optional<Head> head) {

  /** What becomes of the weights that are masked. */
  public enum Masks {
    /** A folder with the network says which they are and what they were. */
    KEPT,
    /** They are zeros like any others. */
    PERMANENT
  }

  /**
   * A pruned network.
   *
   * @param model under the head that was asked for
   * @param outcome what selection and removal did, before the head was touched
   * @param layers what is left of each layer that owns weights, the head's outputs too
   * @param original structure of the network as it was, under the same head
   * @param card what a folder with the network says of it
   * @param masked which weights are masked and what they were; absent where none is, or where that
   *     is made permanent
   */
  public record Result(
      Model model,
      Pruner.Outcome outcome,
      Map<String, LayerKept> layers,
      ModelGraph original,
      ModelCard card,
      Optional<MaskedWeights> masked) {
    /** Counts of the network as it was. */
    public Counts before() {
      return Counts.of(original);
    }

    public Counts after() {
      return Counts.of(model.graph());
    }

    /** What is not zero of the pruned network. */
    public Counts nonzero() {
      return Counts.nonzero(model);
    }

    /**
     * Saves the network with its card and its masks.
     *
     * @throws BadInput where the folder cannot be written
     */
    public void save(Path folder) {
      ModelFolder.write(folder, new SavedModel(model, card, masked));
    }
  }

  /**
   * Scores, selects, removes.
   *
   * @param subset classes whose images score, and to which the head is reduced where that is asked
   * @param masks what becomes of masked weights
   * @throws BadInput where images are needed and absent, where nothing was removed although
   *     something was asked, or where no weight would be left
   */
  public Result run(
      Part part, Optional<String> subset, long seed, Masks masks, Supplier<Engine> engine) {
    PruningEnd end = PruningEnd.of(bench, head, subset, masks);
    Criterion criterion = Criteria.named(method.name());
    if (criterion.backwardChance(method.parameters()).isPresent()) {
      throw new BadInput(
          "method " + method.name() + " changes retraining alone, which a sweep does");
    }
    LoadedModel loaded = bench.model();
    Scores scores = bench.score(method, channels, part, subset, seed, engine);
    Pruner.Outcome outcome =
        new Stepwise(
                method,
                ratio,
                selection,
                new Stepwise.Steps() {
                  @Override
                  public Scores score(Model model, CoupledChannels left) {
                    return bench.with(model).score(method, left, part, subset, seed, engine);
                  }

                  @Override
                  public double accuracy(Model model) {
                    return bench.with(model).accuracy(method, part, subset, engine);
                  }

                  @Override
                  public Model retrain(Model model, TrainingMasks kept) {
                    throw new BadInput(
                        "between=retrain needs training, which a sweep does; allowed: nothing");
                  }
                })
            .prune(loaded.model(), channels, scores);
    if (outcome.effect() == Effect.NONE) {
      throw new BadInput(nothing(scores));
    }
    if (criterion.unit() == Unit.WEIGHTS && outcome.removed() == outcome.prunable()) {
      throw new BadInput(all(outcome));
    }
    return end.result(outcome, made(seed, subset));
  }

  private SortedMap<String, String> made(long seed, Optional<String> subset) {
    SortedMap<String, String> made = new TreeMap<>(selection.limits().named());
    made.put("command", "prune");
    made.put("weights", bench.model().weightsHash());
    made.put("method", method.name());
    method.parameters().forEach((name, value) -> made.put("method." + name, value));
    made.put("ratio", String.valueOf(ratio));
    made.put("seed", String.valueOf(seed));
    made.put("scope", selection.scope().toString());
    made.put("rounding", selection.rounding().toString());
    made.put("on-empty", selection.onEmpty().toString());
    made.put("min-channels", String.valueOf(selection.minChannels()));
    made.put("round-to", String.valueOf(selection.roundTo()));
    made.put("ignore", String.join(",", selection.ignore()));
    made.put("protect", String.join(",", selection.protect()));
    made.put("ties", selection.ties().toString());
    made.put("apply", selection.apply().toString());
    made.put("samples", String.valueOf(method.samples()));
    made.put("samples-per-class", String.valueOf(method.samplesPerClass()));
    made.put("subset", subset.orElse("all"));
    return made;
  }

  private String all(Pruner.Outcome outcome) {
    return "nothing would be left: all "
        + outcome.prunable()
        + " weights or blocks are masked at ratio "
        + ratio
        + " with scope "
        + selection.scope()
        + ", rounding "
        + selection.rounding()
        + " and ties "
        + selection.ties()
        + "; allowed: smaller blocks or thresholds, a smaller ratio, or ties exact";
  }

  /** Why nothing went although something was asked. */
  private String nothing(Scores scores) {
    String nothing = "nothing was removed: ";
    if (selection.limits().target().measure() != Target.Measure.NONE) {
      return nothing + "the network as it is meets the target " + selection.limits().target();
    }
    return Pruner.whyNothing(bench.model().model(), channels, method, scores, ratio, selection)
        .orElse(
            nothing
                + (selection.limits().steps() > 1
                    ? "none of the "
                        + selection.limits().steps()
                        + " steps takes anything by itself"
                    : "whatever " + method.name() + " takes costs too much accuracy"));
  }
}
