package io.prunegrid.library;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.WhyNothing;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Need;
import io.prunegrid.criterion.Ranking;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.criterion.Unit;
import io.prunegrid.data.Dataset;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.pipeline.GlobCheck;
import io.prunegrid.pipeline.MethodConfig;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * How a network is pruned: the method and its parameters, what scores are computed with, how they
 * become a selection, and who has a say in it. The network is left as it is. For one thread.
 */
public final class Pruning {
  private final Network network;
  private final Criterion criterion;
  private final Map<String, String> parameters = new LinkedHashMap<>();
  private SelectionConfig selection = SelectionConfig.defaults();
  private Optional<Samples> images = Optional.empty();
  private ComputeDevice device = ComputeDevice.CPU;
  private long seed;
  private Function<Proposal, Decision> review = proposal -> Decision.accept();

  Pruning(Network network, String method) {
    this.network = network;
    this.criterion = Criteria.named(method);
    if (criterion.unit() != Unit.CHANNELS) {
      throw new BadInput(
          "method " + method + " masks single weights; allowed: methods that rank channels");
    }
  }

  /** Sets a parameter of the method, spelled as in a sweep file. */
  public Pruning parameter(String name, String value) {
    parameters.put(
        Objects.requireNonNull(name, "the name of a parameter is missing"),
        Objects.requireNonNull(value, () -> "parameter " + name + " has no value"));
    return this;
  }

  /**
   * Sets how scores become a selection; {@link SelectionConfig#defaults()} where it is not set.
   *
   * @throws BadInput for what belongs to sweeps: steps, targets, and zeroing in place
   */
  public Pruning selection(SelectionConfig config) {
    Limits limits = config.limits();
    if (!limits.equals(limits.inOneStep())
        || !limits.target().equals(Limits.NONE.target())
        || config.apply() != SelectionConfig.Apply.REMOVE) {
      throw new BadInput("channels are taken out in one step at a ratio; found " + limits.named());
    }
    this.selection = config;
    return this;
  }

  /** Sets the images that methods score with which look at any. */
  public Pruning images(Dataset dataset) {
    this.images = Optional.of(network.loaded().samplesOf(dataset));
    return this;
  }

  /** Sets the device that methods compute on which need one; the CPU where it is not set. */
  public Pruning device(ComputeDevice computing) {
    this.device = Objects.requireNonNull(computing, "a device is missing");
    return this;
  }

  /** Sets what random methods draw from; 0 where it is not set. */
  public Pruning seed(long number) {
    this.seed = number;
    return this;
  }

  /**
   * Asks for a decision on every bundle of which something would go, in topological order, before
   * anything goes. Without a decision, null, {@link #at} ends with a {@link NullPointerException}.
   */
  public Pruning review(Function<Proposal, Decision> decisions) {
    this.review = Objects.requireNonNull(decisions, "a review is missing");
    return this;
  }

  /**
   * Scores, selects, asks and removes.
   *
   * @param ratio share of the channels to remove, in [0, 1)
   * @throws BadInput where the method lacks images, a glob matches nothing, or something was asked
   *     for and the selection alone removes nothing
   * @throws IllegalArgumentException where a decision names a channel that cannot go, or leaves a
   *     layer without channels
   */
  public Network at(double ratio) {
    Model model = network.model();
    SortedMap<String, String> resolved = criterion.resolve(parameters);
    if (criterion.needs().contains(Need.SAMPLES) && images.isEmpty()) {
      throw new BadInput("method " + criterion.name() + " looks at images; none were given");
    }
    CoupledChannels channels = selection.channels(model.graph());
    MethodConfig method = new MethodConfig(criterion.name(), resolved, 0, 0);
    GlobCheck.refuseUnmatched(channels, selection, method);
    Scores scores = scores(model, channels, resolved);
    double[] ranked =
        criterion.classScores(scores, new Ranking(channels, selection, resolved, ratio));
    Selection selected =
        Selection.select(channels, ranked, ratio, selection, criterion.rule(resolved));
    if (ratio > 0) {
      WhyNothing.channels(selected, ratio, selection, criterion.rule(resolved))
          .ifPresent(Pruning::refuse);
    }
    BitSet removed = new BitSet();
    for (Bundle bundle : channels.bundles(selection)) {
      removed.or(reviewed(channels, bundle, ranked, selected.removed()));
    }
    return network.pruned(Removal.remove(model, channels, removed).model(), how(resolved, ratio));
  }

  private static void refuse(String reason) {
    throw new BadInput(reason);
  }

  private Scores scores(Model model, CoupledChannels channels, SortedMap<String, String> resolved) {
    if (!criterion.needs().contains(Need.ENGINE)) {
      return criterion.score(
          new ScoringInput(model, channels, resolved, images, Optional.empty(), seed));
    }
    try (Engine engine = Engine.open(device)) {
      return criterion.score(
          new ScoringInput(model, channels, resolved, images, Optional.of(engine), seed));
    }
  }

  /** The classes of a bundle that go after somebody had a say. */
  private BitSet reviewed(
      CoupledChannels channels, Bundle bundle, double[] scores, BitSet selected) {
    BitSet removed = new BitSet();
    bundle.classes().stream().filter(selected::get).forEach(removed::set);
    if (removed.isEmpty()) {
      return removed;
    }
    int[] root = channels.outClasses(bundle.root());
    Map<Integer, Double> free = new TreeMap<>();
    List<Integer> going = new ArrayList<>();
    for (int channel = 0; channel < root.length; channel++) {
      if (bundle.classes().contains(root[channel])) {
        free.put(channel, scores[root[channel]]);
        if (removed.get(root[channel])) {
          going.add(channel);
        }
      }
    }
    Decision decision =
        Objects.requireNonNull(
            review.apply(new Proposal(bundle.root(), bundle.layers(), free, going)),
            () -> "the review of the bundle of " + bundle.root() + " gave no decision");
    if (decision instanceof Decision.Edited edited) {
      removed.clear();
      for (int channel : edited.removed()) {
        if (!free.containsKey(channel)) {
          throw new IllegalArgumentException(
              "channel " + channel + " of " + bundle.root() + " cannot go with this bundle");
        }
        removed.set(root[channel]);
      }
    }
    return removed;
  }

  private SortedMap<String, String> how(SortedMap<String, String> resolved, double ratio) {
    SortedMap<String, String> how = new TreeMap<>(selection.limits().named());
    how.put("command", "library");
    how.put("weights", network.loaded().weightsHash());
    how.put("method", criterion.name());
    resolved.forEach((name, value) -> how.put("method." + name, value));
    how.put("ratio", String.valueOf(ratio));
    how.put("seed", String.valueOf(seed));
    how.put("scope", selection.scope().toString());
    how.put("rounding", selection.rounding().toString());
    how.put("on-empty", selection.onEmpty().toString());
    how.put("min-channels", String.valueOf(selection.minChannels()));
    how.put("round-to", String.valueOf(selection.roundTo()));
    how.put("ignore", String.join(",", selection.ignore()));
    how.put("protect", String.join(",", selection.protect()));
    return how;
  }
}
