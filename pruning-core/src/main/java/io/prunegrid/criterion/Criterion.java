package io.prunegrid.criterion;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.graph.ModelGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A rule that says how much each channel or weight matters; what scores lowest goes first.
 *
 * <p>It works in two steps. {@link #score} looks at the network, and perhaps at images, once;
 * {@link #classScores} turns what it found into one number for each class of coupled channels,
 * under one way of selecting. Stateless and safe for any number of threads.
 */
public interface Criterion {
  /** What people call it, for instance {@code taylor}. */
  String name();

  /**
   * Changes whenever the scores of some network change; part of a cell's key.
   *
   * @return at least 1
   */
  int version();

  /** What it measures, in one sentence. */
  String summary();

  /** What can be chosen about it. */
  default List<Parameter> parameters() {
    return List.of();
  }

  default Unit unit() {
    return Unit.CHANNELS;
  }

  /** What it looks at besides the network. */
  default Set<Need> needs() {
    return Set.of();
  }

  /**
   * Why the criterion cannot score a network, known from its structure alone; empty where it can.
   */
  default Optional<String> unfit(ModelGraph graph) {
    return Optional.empty();
  }

  /**
   * Looks at the network.
   *
   * @throws BadInput where there is no image to score with, or the network computes something that
   *     is no finite number
   * @throws IllegalArgumentException where something that it needs is absent
   */
  Scores score(ScoringInput input);

  /**
   * What selection ranks: a number for each class of coupled channels, by id; NaN for a class that
   * cannot go under this configuration or that nothing scored.
   *
   * @param scores what {@link #score} found on a model with these channels
   * @throws IllegalStateException for criteria that rank weights
   */
  double[] classScores(Scores scores, CoupledChannels channels, SelectionConfig config);

  /**
   * All parameters with canonical values, defaults filled in.
   *
   * @param given values by parameter name
   * @throws BadInput one problem for each name that is no parameter and each value that is not
   *     allowed
   */
  default SortedMap<String, String> resolve(Map<String, String> given) {
    List<String> known = parameters().stream().map(Parameter::name).toList();
    List<String> problems = new ArrayList<>();
    for (String name : given.keySet()) {
      if (known.isEmpty()) {
        problems.add("method " + name() + " has no parameters, found '" + name + "'");
      } else if (!known.contains(name)) {
        problems.add("method " + name() + ": " + Names.unknown("parameter", name, known));
      }
    }
    SortedMap<String, String> resolved = new TreeMap<>();
    for (Parameter parameter : parameters()) {
      String value = given.getOrDefault(parameter.name(), parameter.defaultValue());
      try {
        resolved.put(parameter.name(), parameter.canonical(value));
      } catch (BadInput e) {
        e.problems().forEach(problem -> problems.add("method " + name() + ": " + problem));
      }
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    return resolved;
  }
}
