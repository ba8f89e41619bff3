package io.prunegrid.job.sweep;

import io.prunegrid.channel.Limits;
import io.prunegrid.common.BadInput;
import io.prunegrid.job.sweep.Axes.Entry;
import io.prunegrid.job.sweep.Axes.ModelEntry;
import io.prunegrid.job.sweep.Block.Found;
import io.prunegrid.job.sweep.Vocabulary.DataFacts;
import io.prunegrid.pipeline.SubsetConfig;
import io.prunegrid.train.TrainingConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at the data and networks that a sweep names, each once. Problems are noted, not thrown. */
final class Inspection {
  private final Vocabulary vocabulary;
  private final Problems problems;
  private final Map<String, Optional<DataFacts>> data = new HashMap<>();
  private final Map<List<Object>, Optional<NetworkFacts>> networks = new HashMap<>();

  Inspection(Vocabulary vocabulary, Problems problems) {
    this.vocabulary = vocabulary;
    this.problems = problems;
  }

  Optional<DataFacts> data(Block grid) {
    Optional<String> spec = grid.need(SweepKeys.DATA);
    if (spec.isEmpty()) {
      return Optional.empty();
    }
    Optional<DataFacts> known = data.get(spec.get());
    if (known == null) {
      try {
        known = Optional.of(vocabulary.data(spec.get()));
      } catch (BadInput e) {
        known = vocabulary.dataAsPublished(spec.get());
        note(grid.lookup(SweepKeys.DATA.name()).orElseThrow(), e, known);
      }
      data.put(spec.get(), known);
    }
    return known;
  }

  /** Nothing where something is wrong with it, or too little is known of the data. */
  Optional<NetworkFacts> network(
      Entry<ModelEntry> model, Optional<String> spec, Optional<DataFacts> facts) {
    List<Object> key = List.of(model.value().model(), spec);
    Optional<NetworkFacts> known = networks.get(key);
    if (known == null) {
      try {
        known = vocabulary.network(model.value().model(), spec, facts);
      } catch (BadInput e) {
        known = vocabulary.networkAsPublished(model.value().model(), spec, facts);
        note(model.found().orElseThrow(), e, known);
      }
      networks.put(key, known);
    }
    return known;
  }

  private void note(Found found, BadInput problem, Optional<?> known) {
    if (known.isPresent()) {
      problems.addBesides(found.origin(), found.path(), problem);
    } else {
      problems.add(found.origin(), found.path(), problem);
    }
  }

  /** A base that is trained for no epochs is a slip, unless it was asked for. */
  void refuseUntrained(Entry<ModelEntry> model) {
    boolean asked =
        model
            .value()
            .keys()
            .inner(SweepKeys.TRAIN)
            .flatMap(block -> block.lookup(SweepKeys.EPOCHS.name()))
            .isPresent();
    if (!asked && vocabulary.isTrainedFromScratch(model.value().model())) {
      Found found = model.found().orElseThrow();
      problems.add(
          found.origin(),
          found.path(),
          " has no weights and is trained from scratch, but sweep.train.epochs is missing;"
              + " allowed: "
              + SweepKeys.EPOCHS.kind().allowed()
              + ", as with --set train.epochs=10");
    }
  }

  /** Each subset must be one that the network's head knows. */
  void refuseUnusable(
      NetworkFacts network, List<Entry<SubsetConfig>> subsets, Entry<ModelEntry> model) {
    for (Entry<SubsetConfig> subset : subsets) {
      network
          .unusable(subset.value().classes())
          .ifPresent(
              why -> {
                Found found = subset.found().or(model::found).orElseThrow();
                problems.add(
                    found.origin(), found.path(), ": " + model.value().label() + ": " + why);
              });
    }
  }

  /** What happens while retraining alone must have a retraining. */
  void refuseWithoutRetraining(
      List<Entry<GridMethod>> methods, TrainingConfig retrain, Entry<ModelEntry> model) {
    if (retrain.epochs() > 0) {
      return;
    }
    for (Entry<GridMethod> method : methods) {
      Limits limits = method.value().selection().limits();
      boolean between = limits.steps() > 1 && limits.between() == Limits.Between.RETRAIN;
      String what =
          vocabulary.actsInRetraining(method.value().method())
              ? "the method " + method.value().method().name() + " changes retraining alone"
              : between ? "between is retrain" : "";
      if (!what.isEmpty()) {
        Found found = method.found().or(model::found).orElseThrow();
        problems.add(
            found.origin(),
            found.path(),
            ": " + what + ", but retrain.epochs is 0; allowed: at least 1 epoch");
      }
    }
  }

  /** Each method must be able to remove something of the network. */
  void refuseUnprunable(
      NetworkFacts network, List<Entry<GridMethod>> methods, Entry<ModelEntry> model) {
    for (Entry<GridMethod> method : methods) {
      network
          .unprunable(method.value().method(), method.value().selection())
          .ifPresent(
              why -> {
                Found found = method.found().or(model::found).orElseThrow();
                problems.add(found.origin(), found.path(), ": " + why);
              });
    }
  }
}
