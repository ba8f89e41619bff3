package io.prunegrid.criterion;

import io.prunegrid.channel.Block;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Selection;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.graph.ModelGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
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
   * Why the criterion cannot score a network, known from its structure and the files that
   * parameters name; empty where it can.
   *
   * @param channels the coupled channels of the network's graph
   * @param parameters as {@link #resolve} gives them
   */
  default Optional<String> unfit(CoupledChannels channels, Map<String, String> parameters) {
    return Optional.empty();
  }

  /**
   * What of its parameters decides the scores: the parameters themselves, but the content of a file
   * in place of its name. Part of a cell's key.
   *
   * @param parameters as {@link #resolve} gives them
   */
  default SortedMap<String, String> identity(SortedMap<String, String> parameters) {
    return parameters;
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
   * @param scores what {@link #score} found on a model with the ranking's channels
   * @throws IllegalStateException for criteria that rank weights
   */
  double[] classScores(Scores scores, Ranking ranking);

  /**
   * How a selection reads the scores of classes.
   *
   * @param parameters as {@link #resolve} gives them
   */
  default Selection.Rule rule(Map<String, String> parameters) {
    return Selection.Rule.LOWEST;
  }

  /**
   * Whether {@link #classScores} depend on the ratio, so that a larger one may leave what a smaller
   * one takes.
   *
   * @param parameters as {@link #resolve} gives them
   */
  default boolean ranksByRatio(Map<String, String> parameters) {
    return false;
  }

  /**
   * What criteria of weights rank, by parameter name: blocks of weights, or every weight by itself.
   *
   * @param parameters as {@link #resolve} gives them
   * @return empty for criteria that rank channels
   */
  default Map<String, Block> ranked(ModelGraph graph, Map<String, String> parameters) {
    return Map.of();
  }

  /**
   * What stays of a pool of weights or blocks is rounded down to a multiple of this.
   *
   * @param parameters as {@link #resolve} gives them
   */
  default int alignment(Map<String, String> parameters) {
    return 1;
  }

  /**
   * Whether pruning backs off where it costs too much accuracy.
   *
   * @param parameters as {@link #resolve} gives them
   */
  default Optional<BackOff> backOff(Map<String, String> parameters) {
    return Optional.empty();
  }

  /**
   * Where masks act on gradients of inputs alone while retraining, and weights stay whole: the
   * probability with which a selected weight is left out of a step, in [0, 1].
   *
   * @param parameters as {@link #resolve} gives them
   * @return empty for criteria whose masks zero weights
   */
  default OptionalDouble backwardChance(Map<String, String> parameters) {
    return OptionalDouble.empty();
  }

  /**
   * Whether channels that masks leave without inputs or readers lose all that they own.
   *
   * @param parameters as {@link #resolve} gives them
   */
  default boolean dropsIdle(Map<String, String> parameters) {
    return false;
  }

  /**
   * Whether other seeds give other scores.
   *
   * @param parameters as {@link #resolve} gives them
   */
  default boolean draws(Map<String, String> parameters) {
    return needs().contains(Need.SEED);
  }

  /**
   * Whether what it finds belongs to classes of coupled channels, so that it changes with what goes
   * together, and not to layers or weights.
   */
  default boolean scoresClasses() {
    return unit() == Unit.CHANNELS;
  }

  /** Whether its scores depend on images. */
  default boolean isDataBased() {
    return needs().contains(Need.SAMPLES);
  }

  /** Whether its scores depend on which classes are wanted. */
  default boolean isClassAware() {
    return isDataBased();
  }

  /**
   * How many images go through the network for a score.
   *
   * @param parameters as {@link #resolve} gives them
   * @param available images that it may see
   */
  default long imagesShown(Map<String, String> parameters, long available) {
    return isDataBased() ? available : 0;
  }

  /**
   * The one pass over images that its scores need. Criteria that name the same kind can share one
   * over the same network and images.
   *
   * @param parameters as {@link #resolve} gives them
   * @return empty where it looks at no images, or has to look alone
   */
  default Optional<PassKind> pass(Map<String, String> parameters) {
    return Optional.empty();
  }

  /**
   * Its name and what a person chose: the first of its own parameters, and every other that is not
   * at its default, for instance {@code ln p=1}; then whatever else is given.
   *
   * @param values all parameters, as {@link #resolve} gives them, and perhaps limits of a selection
   */
  default String label(Map<String, String> values) {
    StringBuilder label = new StringBuilder(name());
    for (int i = 0; i < parameters().size(); i++) {
      Parameter parameter = parameters().get(i);
      String value = values.get(parameter.name());
      boolean first = i == 0 && !COMMON.contains(parameter.name());
      if (value != null && (first || !value.equals(parameter.defaultValue()))) {
        label.append(' ').append(parameter.name()).append('=').append(value);
      }
    }
    List<String> own = parameters().stream().map(Parameter::name).toList();
    new TreeMap<>(values)
        .forEach(
            (name, value) -> {
              if (!own.contains(name)) {
                label.append(' ').append(name).append('=').append(value);
              }
            });
    return label.toString();
  }

  /** Names of parameters that many criteria share. */
  Set<String> COMMON =
      Set.of(
          Reduction.NAME,
          Normalizer.NAME,
          TapPoint.NAME,
          TapMeans.Over.NAME,
          Sight.SEES.name(),
          Sight.HEAD.name());

  /**
   * Parameters that do not go together, though each by itself is allowed; the problems do not name
   * the method.
   *
   * @param resolved canonical values by parameter name; those that are not allowed are not there
   */
  default List<Refusal> contradictions(Map<String, String> resolved) {
    return List.of();
  }

  /**
   * Everything that is wrong with what was given: names that are no parameter, values that are not
   * allowed, and values that do not go together.
   *
   * @param given values by parameter name
   */
  default List<Refusal> refusals(Map<String, String> given) {
    List<Refusal> refusals = new ArrayList<>();
    allowed(given, refusals);
    return List.copyOf(refusals);
  }

  /**
   * All parameters with canonical values, defaults filled in.
   *
   * @param given values by parameter name
   * @throws BadInput with the problem of each of the {@link #refusals}
   */
  default SortedMap<String, String> resolve(Map<String, String> given) {
    List<Refusal> refusals = new ArrayList<>();
    SortedMap<String, String> resolved = allowed(given, refusals);
    if (!refusals.isEmpty()) {
      throw new BadInput(refusals.stream().map(Refusal::problem).toList());
    }
    return resolved;
  }

  /** Canonical values of what is allowed; the rest is added to the refusals. */
  private SortedMap<String, String> allowed(Map<String, String> given, List<Refusal> refusals) {
    List<String> known = parameters().stream().map(Parameter::name).toList();
    for (String name : given.keySet()) {
      if (known.isEmpty()) {
        refuse(refusals, name, "method " + name() + " has no parameters, found '" + name + "'");
      } else if (!known.contains(name)) {
        refuse(refusals, name, "method " + name() + ": " + Names.unknown("parameter", name, known));
      }
    }
    SortedMap<String, String> resolved = new TreeMap<>();
    for (Parameter parameter : parameters()) {
      String name = parameter.name();
      try {
        resolved.put(name, parameter.canonical(given.getOrDefault(name, parameter.defaultValue())));
      } catch (BadInput e) {
        e.problems()
            .forEach(problem -> refuse(refusals, name, "method " + name() + ": " + problem));
      }
    }
    Sight.contradiction(resolved).ifPresent(refusal -> refuse(refusals, refusal));
    contradictions(resolved).forEach(refusal -> refuse(refusals, refusal));
    return resolved;
  }

  private void refuse(List<Refusal> refusals, Refusal contradiction) {
    refusals.add(
        new Refusal(
            contradiction.parameters(), "method " + name() + ": " + contradiction.problem()));
  }

  private static void refuse(List<Refusal> refusals, String parameter, String problem) {
    refusals.add(new Refusal(List.of(parameter), problem));
  }
}
