package io.prunegrid.criterion;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.runtime.Engine;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a criterion scores, and what with.
 *
 * @param channels the coupled channels of the model's graph
 * @param parameters as {@link Criterion#resolve} gives them
 * @param samples images, each target an output of the model: original labels while the head is
 *     whole, remapped ones where it is reduced; only for criteria that need them
 * @param engine only for criteria that need one
 * @param seed the cell's; criteria that need it draw from its stream {@code method}
 */
public record ScoringInput(
    Model model,
    CoupledChannels channels,
    SortedMap<String, String> parameters,
    Optional<Samples> samples,
    Optional<Engine> engine,
    long seed) {
  public ScoringInput {
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
    if (!channels.graph().equals(model.graph())) {
      throw new IllegalArgumentException("the coupled channels are another graph's");
    }
  }

  /** What a criterion gets that needs neither images nor a seed. */
  public static ScoringInput of(Model model, SortedMap<String, String> parameters) {
    return new ScoringInput(
        model,
        CoupledChannels.of(model.graph()),
        parameters,
        Optional.empty(),
        Optional.empty(),
        0);
  }

  String parameter(String name) {
    String value = parameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the parameter '" + name + "' is not resolved");
    }
    return value;
  }

  Samples requiredSamples(String criterion) {
    return samples.orElseThrow(
        () -> new IllegalArgumentException(criterion + " needs images to score with"));
  }

  Engine requiredEngine(String criterion) {
    return engine.orElseThrow(
        () -> new IllegalArgumentException(criterion + " needs an engine to run the network on"));
  }
}
