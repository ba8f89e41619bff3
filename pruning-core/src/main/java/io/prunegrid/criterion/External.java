package io.prunegrid.criterion;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.graph.Filters;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Scores that someone else computed: a {@link ScoresFile} with one vector for each convolution and
 * linear layer, one number for each output channel, for one set of weights. What scores lowest goes
 * first.
 */
final class External extends LayerCriterion {
  private static final String SCORES = "scores";

  External() {
    super(
        "external",
        1,
        "scores of your own, read from a file: one vector for each layer, for one set of weights",
        Need.FILE);
    takes(
        new Parameter.File(
            SCORES,
            "a safetensors file with a vector for each layer and the base's hash in its metadata"));
    reduces();
  }

  @Override
  public SortedMap<String, String> identity(SortedMap<String, String> parameters) {
    SortedMap<String, String> identity = new TreeMap<>(parameters);
    identity.computeIfPresent(SCORES, (name, path) -> ScoresFile.identity(path));
    return identity;
  }

  @Override
  public Optional<String> unfit(CoupledChannels channels, Map<String, String> parameters) {
    try {
      List<String> problems = problems(ScoresFile.read(parameters.get(SCORES)), channels);
      return problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems));
    } catch (BadInput e) {
      return Optional.of(String.join("; ", e.problems()));
    }
  }

  @Override
  public Scores score(ScoringInput input) {
    ScoresFile file = ScoresFile.read(input.parameter(SCORES));
    List<String> problems = problems(file, input.channels());
    String base = input.model().weights().contentHash();
    file.base()
        .filter(other -> !other.equals(base))
        .ifPresent(
            other ->
                problems.add(
                    file.name()
                        + " is for the base "
                        + other
                        + ", but the network's weights have the hash "
                        + base));
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    Map<String, double[]> scores = new LinkedHashMap<>();
    for (Node layer : Layers.producers(input.model().graph())) {
      Tensor own = file.layers().get(layer.module());
      if (own != null) {
        scores.put(layer.module(), Layers.doubles(own));
      }
    }
    return new LayerScores(scores);
  }

  /**
   * What is wrong with the file by itself, layers that the network does not have or that are
   * missing, and lengths that do not fit.
   */
  private static List<String> problems(ScoresFile file, CoupledChannels channels) {
    ModelGraph graph = channels.graph();
    List<String> problems = file.problems();
    Map<String, Integer> expected = new LinkedHashMap<>();
    for (Node layer : Layers.producers(graph)) {
      String weight = layer.parameterName("weight");
      Shape shape = graph.parameters().get(weight).shape();
      expected.put(layer.module(), Filters.of(layer.op(), shape).outputs());
    }
    List<String> names = List.copyOf(expected.keySet());
    file.layers()
        .forEach(
            (name, scores) -> {
              Integer outputs = expected.get(name);
              if (outputs == null) {
                problems.add(file.name() + ": " + Names.unknown("layer", name, names));
              } else if (scores.size() != outputs || scores.shape().rank() != 1) {
                problems.add(
                    file.name()
                        + ": '"
                        + name
                        + "' has the shape "
                        + scores.shape()
                        + ", allowed: one vector of "
                        + outputs);
              }
            });
    for (String name : names) {
      boolean pinned =
          IntStream.of(channels.outClasses(name))
              .allMatch(id -> channels.classes().get(id).pinned().isPresent());
      if (!pinned && !file.layers().containsKey(name)) {
        problems.add(
            file.name()
                + ": no vector for the layer '"
                + name
                + "', which has "
                + expected.get(name)
                + " channels");
      }
    }
    return problems;
  }
}
