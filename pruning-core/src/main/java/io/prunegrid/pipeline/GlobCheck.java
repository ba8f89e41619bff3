package io.prunegrid.pipeline;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Parameter;
import io.prunegrid.graph.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Finds slips in globs over layer names. */
public final class GlobCheck {
  private GlobCheck() {}

  /**
   * Refuses globs of a selection that match no layer: they would protect nothing, silently. Refuses
   * networks that have no layers at all.
   *
   * @throws BadInput one problem a glob, with its key and the nearest layer
   */
  public static void refuseUnmatched(CoupledChannels channels, SelectionConfig config) {
    refuse(problems(layers(channels), channels.unmatched(config)));
  }

  /**
   * The same with the globs among a method's parameters.
   *
   * @throws BadInput one problem a glob, with its key and the nearest layer
   */
  public static void refuseUnmatched(
      CoupledChannels channels, SelectionConfig config, MethodConfig method) {
    refuse(problems(channels, config, method));
  }

  /**
   * One problem for each glob of a selection or a method's parameters that matches no layer, with
   * its key and the nearest layer.
   *
   * @throws BadInput where the network has no layers at all
   */
  static List<String> problems(
      CoupledChannels channels, SelectionConfig config, MethodConfig method) {
    List<String> layers = layers(channels);
    Map<String, List<String>> globs = new LinkedHashMap<>(channels.unmatched(config));
    globs(method)
        .forEach(
            (parameter, given) ->
                globs.put(
                    parameter,
                    given.stream()
                        .filter(
                            glob -> layers.stream().noneMatch(Names.glob(glob).asMatchPredicate()))
                        .toList()));
    return problems(layers, globs);
  }

  /** The globs over layer names among a method's parameters, by the parameter's name. */
  public static SortedMap<String, List<String>> globs(MethodConfig method) {
    SortedMap<String, List<String>> globs = new TreeMap<>();
    for (Parameter parameter : Criteria.named(method.name()).parameters()) {
      String given = method.parameters().get(parameter.name());
      if (parameter instanceof Parameter.ByLayer && given != null) {
        globs.put(parameter.name(), LayerNumbers.parse(given).globs());
      }
    }
    return globs;
  }

  private static List<String> layers(CoupledChannels channels) {
    List<String> layers = channels.graph().layers().stream().map(Node::module).distinct().toList();
    if (layers.isEmpty()) {
      throw new BadInput("the network has no layer with weights");
    }
    return layers;
  }

  private static List<String> problems(List<String> layers, Map<String, List<String>> globs) {
    List<String> problems = new ArrayList<>();
    globs.forEach(
        (key, given) ->
            given.forEach(
                glob ->
                    problems.add(
                        key
                            + ": '"
                            + glob
                            + "' matches no layer of the network"
                            + Names.suggestion(glob, layers))));
    return problems;
  }

  private static void refuse(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }
}
