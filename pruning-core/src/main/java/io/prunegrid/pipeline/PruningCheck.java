package io.prunegrid.pipeline;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Apply;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.Target;
import io.prunegrid.channel.WeightMasks;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Need;
import io.prunegrid.criterion.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Which methods and selections do not go together, known before anything is scored. */
public final class PruningCheck {
  private PruningCheck() {}

  /** Every reason why a method's scores cannot be selected from in this way, as sentences. */
  public static List<String> problems(MethodConfig method, SelectionConfig config) {
    Criterion criterion = Criteria.named(method.name());
    SortedMap<String, String> parameters = method.parameters();
    Limits limits = config.limits();
    boolean targeted = limits.target().measure() != Target.Measure.NONE;
    List<String> problems = new ArrayList<>();
    if (config.scope() != Scope.LOCAL && !limits.ratios().entries().isEmpty()) {
      problems.add(
          "layer-ratios hold for each layer by itself, but scope is "
              + config.scope()
              + "; allowed: scope local");
    }
    if (criterion.unit() == Unit.WEIGHTS) {
      if (config.scope() == Scope.ISOMORPHIC) {
        problems.add("scope isomorphic compares channels; allowed for masks: local, global");
      }
      if (!limits.caps().entries().isEmpty()) {
        problems.add("layer-caps limit channels; allowed for masks: layer-ratios");
      }
      if (targeted) {
        problems.add("a target is met by taking channels out; allowed for masks: a ratio");
      }
      return problems;
    }
    if (criterion.rule(parameters) == Selection.Rule.RANKS && config.scope() != Scope.LOCAL) {
      problems.add(
          "the method ranks the channels of each bundle among themselves; allowed: scope local");
    }
    if (limits.steps() > 1 && config.apply() == Apply.ZERO) {
      problems.add("steps above 1 take channels out; allowed with apply zero: steps 1");
    }
    if (limits.steps() > 1 && criterion.needs().contains(Need.FILE)) {
      problems.add(
          "steps above 1 take scores anew, but those of "
              + method.name()
              + " are of one network; allowed: steps 1");
    }
    if (criterion.backOff(parameters).isPresent()) {
      String what = method.name() + " backs off to an accuracy by taking channels out step by step";
      if (config.apply() == Apply.ZERO) {
        problems.add(what + "; allowed: apply remove");
      }
      if (targeted || limits.steps() > 1) {
        problems.add(what + "; allowed: a ratio, and steps 1");
      }
    }
    return problems;
  }

  /** The same with what the network itself does not allow. */
  public static List<String> problems(
      MethodConfig method, SelectionConfig config, CoupledChannels channels) {
    List<String> problems = problems(method, config);
    Criterion criterion = Criteria.named(method.name());
    int steps = config.limits().steps();
    if (steps > 1) {
      boolean weights = criterion.unit() == Unit.WEIGHTS;
      long prunable =
          weights
              ? WeightMasks.prunable(
                  criterion.ranked(channels.graph(), method.parameters()), config)
              : channels.prunable(config);
      if (prunable > 0 && steps > prunable) {
        problems.add(
            "steps is "
                + steps
                + ", but only "
                + prunable
                + (weights ? " weights" : " channels")
                + " can go; allowed: at most as many steps");
      }
    }
    return problems;
  }

  /** Why {@code zero-parts} would say nothing; empty where they are not given, or do. */
  public static Optional<String> idleZeroParts(Unit unit, SelectionConfig config) {
    if (config.limits().zeroParts().isEmpty()
        || (config.apply() == Apply.ZERO && unit == Unit.CHANNELS)) {
      return Optional.empty();
    }
    return Optional.of(
        "zero-parts say what of a channel apply = zero zeroes, but "
            + (unit == Unit.CHANNELS
                ? "apply is " + config.apply() + "; allowed: apply zero"
                : "the method masks weights; allowed: the parameter parts"));
  }

  /**
   * Refuses everything that is known to be wrong before a network is scored: what cannot be, what
   * would do nothing, and globs that match no layer.
   *
   * @throws BadInput with every problem
   */
  public static void refuseAll(
      MethodConfig method, SelectionConfig config, CoupledChannels channels) {
    List<String> problems = new ArrayList<>();
    idleZeroParts(Criteria.named(method.name()).unit(), config).ifPresent(problems::add);
    problems.addAll(GlobCheck.problems(channels, config, method));
    problems.addAll(problems(method, config, channels));
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }

  /**
   * Refuses what cannot be.
   *
   * @throws BadInput with every problem
   */
  static void refuse(MethodConfig method, SelectionConfig config, CoupledChannels channels) {
    List<String> problems = problems(method, config, channels);
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }
}
