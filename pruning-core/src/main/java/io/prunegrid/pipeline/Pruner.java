package io.prunegrid.pipeline;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.Pruned;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Apply;
import io.prunegrid.channel.WeightMasks;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.criterion.Unit;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * From scores to a pruned network: selects, then takes channels out, silences them, or masks single
 * weights.
 */
public final class Pruner {
  private Pruner() {}

  /**
   * A network after pruning.
   *
   * @param model the pruned network
   * @param masks zeros and ones by parameter, to be kept while retraining; empty where channels
   *     were taken out
   * @param layers what is left of each layer that owns weights
   * @param prunable classes of coupled channels, or weights, that may go
   * @param removed how many of them went
   * @param effect what that amounts to
   */
  public record Outcome(
      Model model,
      Map<String, Tensor> masks,
      Map<String, LayerKept> layers,
      long prunable,
      long removed,
      Effect effect) {
    public Outcome {
      masks = Collections.unmodifiableMap(new LinkedHashMap<>(masks));
      layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    }
  }

  /**
   * Prunes a network by scores that were computed on it.
   *
   * @param criterion the one that computed the scores
   * @param ratio share to remove, in [0, 1)
   */
  public static Outcome prune(
      Model model,
      CoupledChannels channels,
      Criterion criterion,
      Scores scores,
      double ratio,
      SelectionConfig config) {
    if (scores instanceof WeightScores weights) {
      return mask(model, channels, weights, ratio, config);
    }
    double[] classScores = criterion.classScores(scores, channels, config);
    Selection selection = Selection.select(channels, classScores, ratio, config);
    Effect effect = effect(ratio, selection.removedCount());
    if (config.apply() == Apply.ZERO) {
      Pruned pruned = Removal.zero(model, channels, selection);
      Map<String, Tensor> masks = Removal.masks(model.graph(), channels, selection.removed());
      return new Outcome(
          pruned.model(),
          masks,
          pruned.layers(),
          selection.prunable(),
          selection.removedCount(),
          effect);
    }
    Pruned pruned = Removal.remove(model, channels, selection);
    return new Outcome(
        pruned.model(),
        Map.of(),
        pruned.layers(),
        selection.prunable(),
        selection.removedCount(),
        effect);
  }

  /**
   * What a ratio of 0 does, whatever the scores: the network as it is, its prunable classes or
   * weights counted.
   *
   * @param unit what would be ranked
   */
  public static Outcome nothing(
      Model model, CoupledChannels channels, Unit unit, SelectionConfig config) {
    Map<String, LayerKept> whole = Removal.remove(model, channels, new BitSet()).layers();
    long prunable =
        unit == Unit.CHANNELS
            ? Selection.select(channels, new double[channels.classes().size()], 0, config)
                .prunable()
            : WeightMasks.select(weights(model), 0, config).prunable();
    return new Outcome(model, Map.of(), whole, prunable, 0, Effect.BASE);
  }

  /** Every weight that masks may reach: those of convolutions and linear layers. */
  private static Map<String, Tensor> weights(Model model) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (Node node : model.graph().layers()) {
      if (node.op() instanceof Op.Conv2d || node.op() instanceof Op.Linear) {
        String name = node.parameterName("weight");
        weights.put(name, model.weights().get(name));
      }
    }
    return weights;
  }

  private static Outcome mask(
      Model model,
      CoupledChannels channels,
      WeightScores scores,
      double ratio,
      SelectionConfig config) {
    WeightMasks masks = WeightMasks.select(scores.parameters(), ratio, config);
    Map<String, LayerKept> whole = Removal.remove(model, channels, new BitSet()).layers();
    return new Outcome(
        masks.apply(model),
        masks.removed() == 0 ? Map.of() : masks.masks(),
        whole,
        masks.prunable(),
        masks.removed(),
        effect(ratio, masks.removed()));
  }

  private static Effect effect(double ratio, long removed) {
    if (ratio == 0) {
      return Effect.BASE;
    }
    return removed == 0 ? Effect.NONE : Effect.REMOVED;
  }
}
