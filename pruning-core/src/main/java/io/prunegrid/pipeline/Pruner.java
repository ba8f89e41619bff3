package io.prunegrid.pipeline;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.Pruned;
import io.prunegrid.channel.Remainders;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Apply;
import io.prunegrid.channel.Target;
import io.prunegrid.channel.WeightMasks;
import io.prunegrid.channel.WhyNothing;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Ranking;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.criterion.Unit;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.BackwardMasks;
import io.prunegrid.runtime.TrainingMasks;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;

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
   * @param backward weights that stay whole and are left out of gradients of inputs while
   *     retraining
   */
  public record Outcome(
      Model model,
      Map<String, Tensor> masks,
      Map<String, LayerKept> layers,
      long prunable,
      long removed,
      Effect effect,
      BackwardMasks backward) {
    public Outcome(
        Model model,
        Map<String, Tensor> masks,
        Map<String, LayerKept> layers,
        long prunable,
        long removed,
        Effect effect) {
      this(model, masks, layers, prunable, removed, effect, BackwardMasks.NONE);
    }

    public Outcome {
      masks = Collections.unmodifiableMap(new LinkedHashMap<>(masks));
      layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    }

    /** The same with other weights, after training. */
    Outcome with(Model trained) {
      return new Outcome(trained, masks, layers, prunable, removed, effect, backward);
    }

    /** The same with another word for what it amounts to. */
    Outcome to(Effect other) {
      return new Outcome(model, masks, layers, prunable, removed, other, backward);
    }

    /** What training leaves alone. */
    TrainingMasks trainingMasks() {
      return new TrainingMasks(masks, backward);
    }
  }

  /**
   * Prunes a network by scores that were computed on it.
   *
   * @param method the one that computed the scores
   * @param ratio share to remove, in [0, 1)
   */
  public static Outcome prune(
      Model model,
      CoupledChannels channels,
      MethodConfig method,
      Scores scores,
      double ratio,
      SelectionConfig config) {
    if (scores instanceof WeightScores weights) {
      return mask(model, channels, method, weights, ratio, config);
    }
    Criterion criterion = Criteria.named(method.name());
    DoubleFunction<Selection> selections = share -> select(channels, method, scores, share, config);
    Target target = config.limits().target();
    if (ratio == 0 || target.measure() == Target.Measure.NONE) {
      return take(model, channels, selections.apply(ratio), ratio, config);
    }
    TargetSearch search =
        new TargetSearch(
            model,
            channels,
            selections,
            target,
            criterion.ranksByRatio(method.parameters())
                ? TargetSearch.Order.ANY
                : TargetSearch.Order.NESTED);
    return take(model, channels, selections.apply(search.ratio(config)), ratio, config);
  }

  /**
   * Prunes a network that is partly pruned by scores that were computed on it.
   *
   * @param share of the whole network that is gone afterwards, in [0, 1)
   * @param whole remembers the network as it was
   */
  static Outcome prune(
      Model model,
      CoupledChannels channels,
      MethodConfig method,
      Scores scores,
      double share,
      SelectionConfig config,
      Remainders whole) {
    return take(
        model, channels, select(channels, method, scores, share, config, whole), share, config);
  }

  private static Selection select(
      CoupledChannels channels,
      MethodConfig method,
      Scores scores,
      double share,
      SelectionConfig config,
      Remainders whole) {
    Criterion criterion = Criteria.named(method.name());
    Ranking ranking = new Ranking(channels, config, method.parameters(), whole, share);
    return Selection.select(
        channels,
        criterion.classScores(scores, ranking),
        share,
        config,
        criterion.rule(method.parameters()),
        whole);
  }

  private static Outcome take(
      Model model,
      CoupledChannels channels,
      Selection selection,
      double ratio,
      SelectionConfig config) {
    return take(
        model,
        channels,
        selection.removed(),
        selection.prunable(),
        effect(ratio, selection.removedCount()),
        config);
  }

  private static Selection select(
      CoupledChannels channels,
      MethodConfig method,
      Scores scores,
      double ratio,
      SelectionConfig config) {
    return select(channels, method, scores, ratio, config, new Remainders(channels, config, ratio));
  }

  /**
   * Why a ratio takes nothing of a network in one step, as one sentence.
   *
   * @param ratio above 0
   * @return empty where it takes something
   */
  static Optional<String> whyNothing(
      Model model,
      CoupledChannels channels,
      MethodConfig method,
      Scores scores,
      double ratio,
      SelectionConfig config) {
    if (scores instanceof WeightScores weights) {
      WeightMasks.Pool pool = pool(model, method, weights, config);
      return WhyNothing.weights(pool, WeightMasks.select(pool, ratio, config), ratio, config);
    }
    return WhyNothing.channels(
        select(channels, method, scores, ratio, config),
        ratio,
        config,
        Criteria.named(method.name()).rule(method.parameters()));
  }

  /** Prunes what a person chose, by class. */
  static Outcome chosen(
      Model model, CoupledChannels channels, BitSet removed, SelectionConfig config) {
    return take(model, channels, removed, channels.prunable(config), Effect.REMOVED, config);
  }

  /** Takes classes out, or zeros them. */
  private static Outcome take(
      Model model,
      CoupledChannels channels,
      BitSet removed,
      int prunable,
      Effect effect,
      SelectionConfig config) {
    int count = removed.cardinality();
    if (config.apply() == Apply.ZERO) {
      List<Limits.ZeroPart> parts = config.limits().zeroParts();
      Map<String, Tensor> masks =
          parts.isEmpty()
              ? Removal.masks(model.graph(), channels, removed)
              : Removal.masks(model.graph(), channels, removed, parts);
      return new Outcome(
          WeightMasks.apply(model, masks),
          masks,
          Removal.kept(channels, removed),
          prunable,
          count,
          effect);
    }
    Pruned pruned = Removal.remove(model, channels, removed);
    return new Outcome(pruned.model(), Map.of(), pruned.layers(), prunable, count, effect);
  }

  /**
   * What a ratio of 0 does, whatever the scores: the network as it is, its prunable classes or
   * weights counted.
   *
   * @param method whose weights or channels would be ranked
   */
  public static Outcome nothing(
      Model model, CoupledChannels channels, MethodConfig method, SelectionConfig config) {
    Map<String, LayerKept> whole = Removal.remove(model, channels, new BitSet()).layers();
    Criterion criterion = Criteria.named(method.name());
    long prunable =
        criterion.unit() == Unit.CHANNELS
            ? Selection.select(channels, new double[channels.classes().size()], 0, config)
                .prunable()
            : WeightMasks.prunable(criterion.ranked(model.graph(), method.parameters()), config);
    return new Outcome(model, Map.of(), whole, prunable, 0, Effect.BASE);
  }

  private static Outcome mask(
      Model model,
      CoupledChannels channels,
      MethodConfig method,
      WeightScores scores,
      double ratio,
      SelectionConfig config) {
    Criterion criterion = Criteria.named(method.name());
    if (config.limits().target().measure() != Target.Measure.NONE) {
      throw new BadInput("a target is met by taking channels out; allowed for masks: a ratio");
    }
    WeightMasks selected = WeightMasks.select(pool(model, method, scores, config), ratio, config);
    WeightMasks masks =
        criterion.dropsIdle(method.parameters()) && selected.removed() > 0
            ? selected.withoutIdle(model, channels, config)
            : selected;
    Map<String, LayerKept> whole = Removal.remove(model, channels, new BitSet()).layers();
    OptionalDouble backward = criterion.backwardChance(method.parameters());
    if (backward.isPresent()) {
      return new Outcome(
          model,
          Map.of(),
          whole,
          masks.prunable(),
          masks.removed(),
          effect(ratio, masks.removed()),
          masks.removed() == 0
              ? BackwardMasks.NONE
              : new BackwardMasks(masks.masks(), backward.getAsDouble()));
    }
    return new Outcome(
        masks.apply(model),
        masks.removed() == 0 ? Map.of() : masks.masks(),
        whole,
        masks.prunable(),
        masks.removed(),
        effect(ratio, masks.removed()));
  }

  private static WeightMasks.Pool pool(
      Model model, MethodConfig method, WeightScores scores, SelectionConfig config) {
    Criterion criterion = Criteria.named(method.name());
    return new WeightMasks.Pool(
        scores.parameters(),
        scores.blocks(),
        scores.spared(),
        criterion.rule(method.parameters()),
        criterion.alignment(method.parameters()),
        config.limits().skipped(model.graph()));
  }

  private static Effect effect(double ratio, long removed) {
    if (ratio == 0) {
      return Effect.BASE;
    }
    return removed == 0 ? Effect.NONE : Effect.REMOVED;
  }
}
