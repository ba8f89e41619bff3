package io.prunegrid.pipeline;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.KeptChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.Remainders;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.BackOff;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.TrainingMasks;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

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

    /**
     * The share of the images that the criterion sees which a network classifies rightly, under the
     * head that the criterion sees.
     */
    double accuracy(Model model);

    /** A network after training, masked weights still zero. */
    Model retrain(Model model, TrainingMasks masks);
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
   * @throws BadInput where the method and the selection do not go together
   */
  Pruner.Outcome prune(Model model, CoupledChannels channels, Scores first) {
    PruningCheck.refuse(method, config, channels);
    Limits limits = config.limits();
    Optional<BackOff> backOff = Criteria.named(method.name()).backOff(method.parameters());
    if (backOff.isPresent()) {
      return new BackingOff(method, ratio, config, steps, backOff.get())
          .prune(model, channels, first);
    }
    if (limits.steps() == 1) {
      return Pruner.prune(model, channels, method, first, ratio, config);
    }
    Remainders whole = new Remainders(channels, config, ratio);
    Pruner.Outcome done = Pruner.nothing(model, channels, method, config);
    Pruner.Outcome last = done;
    for (int step = 1; step <= limits.steps(); step++) {
      Model now = last.model();
      CoupledChannels left =
          step == 1 ? channels : CoupledChannels.of(now.graph(), channels.attention());
      Scores scores = step == 1 ? first : steps.score(now, left);
      double share = ratio * step / limits.steps();
      last =
          scores instanceof WeightScores weights
              ? Pruner.prune(
                  now, left, method, floored(weights, last), share, config.with(limits.inOneStep()))
              : Pruner.prune(now, left, method, scores, share, config, whole);
      done = joined(done, last);
      if (step < limits.steps() && limits.between() == Limits.Between.RETRAIN) {
        last = last.with(steps.retrain(last.model(), last.trainingMasks()));
      }
    }
    return done.with(last.model());
  }

  /** What is masked stays masked: nothing scores less. */
  private static WeightScores floored(WeightScores scores, Pruner.Outcome last) {
    Map<String, Tensor> floored = new LinkedHashMap<>(scores.parameters());
    Map<String, Tensor> masks = new LinkedHashMap<>(last.masks());
    masks.putAll(last.backward().masks());
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

  /** What two prunings, one after the other, did. */
  static Pruner.Outcome joined(Pruner.Outcome before, Pruner.Outcome step) {
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
    boolean masks = !step.masks().isEmpty() || !step.backward().isEmpty();
    return new Pruner.Outcome(
        step.model(),
        step.masks(),
        layers,
        before.prunable(),
        masks ? step.removed() : before.removed() + step.removed(),
        before.removed() + step.removed() > 0 ? Effect.REMOVED : Effect.NONE,
        step.backward());
  }

  private static KeptChannels joined(KeptChannels before, KeptChannels step) {
    int[] places = before.kept();
    return KeptChannels.some(
        before.of(), Arrays.stream(step.kept()).mapToObj(i -> places[i]).toList());
  }
}
