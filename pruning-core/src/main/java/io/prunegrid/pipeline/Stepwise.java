package io.prunegrid.pipeline;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.KeptChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Apply;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Prunes in equal steps, each by scores of what the one before left: after step {@code i} of {@code
 * T} there is left of every pool what the ratio {@code r i / T} leaves of it, so that the last step
 * ends where a single one would (Torch-Pruning's linear schedule).
 */
final class Stepwise {
  private final MethodConfig method;
  private final double ratio;
  private final SelectionConfig config;
  private final Steps steps;

  /** What happens between steps. */
  interface Steps {
    /** Scores of a network that is partly pruned. */
    Scores score(Model model, CoupledChannels channels);

    /** A network after training, masked weights still zero. */
    Model retrain(Model model, Map<String, Tensor> masks);
  }

  Stepwise(MethodConfig method, double ratio, SelectionConfig config, Steps steps) {
    this.method = method;
    this.ratio = ratio;
    this.config = config;
    this.steps = steps;
  }

  /**
   * Prunes.
   *
   * @param first scores of the network as it is
   * @throws BadInput for channels that are zeroed, which leave nothing to take out in later steps
   */
  Pruner.Outcome prune(Model model, CoupledChannels channels, Scores first) {
    Limits limits = config.limits();
    if (limits.steps() == 1) {
      return Pruner.prune(model, channels, method, first, ratio, config);
    }
    if (!(first instanceof WeightScores) && config.apply() == Apply.ZERO) {
      throw new BadInput("steps above 1 take channels out; allowed with apply zero: steps 1");
    }
    Map<String, Integer> whole = sizes(channels);
    Pruner.Outcome done = Pruner.nothing(model, channels, method, config);
    Pruner.Outcome last = done;
    for (int step = 1; step <= limits.steps(); step++) {
      Model now = last.model();
      CoupledChannels left = step == 1 ? channels : CoupledChannels.of(now.graph());
      Scores scores = step == 1 ? first : steps.score(now, left);
      double share = ratio * step / limits.steps();
      last =
          scores instanceof WeightScores weights
              ? Pruner.prune(now, left, method, floored(weights, last.masks()), share, once(limits))
              : Pruner.prune(
                  now, left, method, scores, next(share, whole, left), stepped(share, whole, left));
      done = joined(done, last);
      if (step < limits.steps() && limits.between() == Limits.Between.RETRAIN) {
        last = last.with(steps.retrain(last.model(), last.masks()));
      }
    }
    return done.with(last.model());
  }

  private SelectionConfig once(Limits limits) {
    return config.with(limits.inOneStep());
  }

  /** What is left to take of all pools together. */
  private double next(double share, Map<String, Integer> whole, CoupledChannels left) {
    int all = whole.values().stream().mapToInt(Integer::intValue).sum();
    return remaining(all, left.prunable(config), share);
  }

  private SelectionConfig stepped(double share, Map<String, Integer> whole, CoupledChannels left) {
    Limits single = config.limits().inOneStep();
    if (config.scope() != Scope.LOCAL) {
      return config.with(single);
    }
    List<LayerNumbers.Entry> ratios = new ArrayList<>();
    for (Bundle bundle : left.bundles(config)) {
      OptionalDouble own = config.limits().ratios().of(bundle.root());
      double asked = own.isPresent() ? own.getAsDouble() * share / ratio : share;
      ratios.add(
          new LayerNumbers.Entry(
              bundle.root(), remaining(whole.get(bundle.root()), bundle.classes().size(), asked)));
    }
    return config.with(single.withRatios(new LayerNumbers(ratios)));
  }

  /** The share of what is left that must go so that a share of the whole is gone. */
  private double remaining(int whole, int left, double share) {
    long gone = Selection.share(whole, share, config.rounding());
    long more = Math.max(0, gone - (whole - left));
    return left == 0 ? 0 : Math.min((double) more / left, Math.nextDown(1.0));
  }

  private Map<String, Integer> sizes(CoupledChannels channels) {
    Map<String, Integer> sizes = new LinkedHashMap<>();
    channels.bundles(config).forEach(b -> sizes.merge(b.root(), b.classes().size(), Integer::sum));
    return sizes;
  }

  /** What is masked stays masked: nothing scores less. */
  private static WeightScores floored(WeightScores scores, Map<String, Tensor> masks) {
    Map<String, Tensor> floored = new LinkedHashMap<>(scores.parameters());
    masks.forEach(
        (name, mask) -> {
          Tensor own = floored.get(name);
          if (own != null && own.shape().equals(mask.shape())) {
            float[] values = own.toArray();
            for (int i = 0; i < values.length; i++) {
              values[i] = mask.at(i) == 0 ? Float.NEGATIVE_INFINITY : values[i];
            }
            floored.put(name, Tensor.wrap(own.shape(), values));
          }
        });
    return new WeightScores(floored, scores.blocks(), scores.spared());
  }

  private static Pruner.Outcome joined(Pruner.Outcome before, Pruner.Outcome step) {
    Map<String, LayerKept> layers = new LinkedHashMap<>();
    before
        .layers()
        .forEach(
            (name, kept) -> {
              LayerKept more = step.layers().get(name);
              layers.put(
                  name,
                  new LayerKept(
                      joined(kept.out(), more.out()),
                      kept.in().map(in -> joined(in, more.in().orElseThrow()))));
            });
    boolean masks = !step.masks().isEmpty();
    return new Pruner.Outcome(
        step.model(),
        step.masks(),
        layers,
        before.prunable(),
        masks ? step.removed() : before.removed() + step.removed(),
        before.removed() + step.removed() > 0 ? Effect.REMOVED : Effect.NONE);
  }

  private static KeptChannels joined(KeptChannels before, KeptChannels step) {
    int[] places = before.kept();
    return KeptChannels.some(
        before.of(), Arrays.stream(step.kept()).mapToObj(i -> places[i]).toList());
  }
}
