package io.prunegrid.pipeline;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Remainders;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.criterion.BackOff;
import io.prunegrid.criterion.Scores;
import io.prunegrid.graph.Model;

/**
 * Prunes towards a ratio as far as accuracy allows (iterative TVSPrune, Murti et al. 2023). A try
 * takes a part of the ratio, at first all of it, and counts if the accuracy on the images that the
 * criterion sees stays above its limit: then scores are taken anew and the next try goes on from
 * there. Otherwise the same scores are tried with a smaller part.
 */
final class BackingOff {
  private final MethodConfig method;
  private final double ratio;
  private final SelectionConfig config;
  private final Stepwise.Steps steps;
  private final BackOff backOff;

  BackingOff(
      MethodConfig method,
      double ratio,
      SelectionConfig config,
      Stepwise.Steps steps,
      BackOff backOff) {
    this.method = method;
    this.ratio = ratio;
    this.config = config;
    this.steps = steps;
    this.backOff = backOff;
  }

  /**
   * Prunes.
   *
   * @param first scores of the network as it is
   */
  Pruner.Outcome prune(Model model, CoupledChannels channels, Scores first) {
    double limit = backOff.accuracy() * steps.accuracy(model);
    Remainders whole = new Remainders(channels, config, ratio);
    Pruner.Outcome done = Pruner.nothing(model, channels, method, config);
    Model now = model;
    CoupledChannels left = channels;
    Scores scores = first;
    double gone = 0;
    double part = ratio;
    long failed = -1;
    for (int round = 0; round < backOff.rounds() && gone < ratio; round++) {
      double aim = Math.min(ratio, gone + part);
      Pruner.Outcome tried = Pruner.prune(now, left, method, scores, aim, config, whole);
      if (tried.removed() == 0 && round > 0) {
        break;
      }
      if (tried.removed() == failed || steps.accuracy(tried.model()) < limit) {
        failed = tried.removed();
        part *= backOff.factor();
        continue;
      }
      failed = -1;
      done = Stepwise.joined(done, tried);
      gone = aim;
      now = tried.model();
      if (gone < ratio && round + 1 < backOff.rounds()) {
        left = CoupledChannels.of(now.graph(), channels.attention());
        scores = steps.score(now, left);
      }
    }
    return done.effect() == Effect.BASE ? done.to(Effect.NONE) : done;
  }
}
