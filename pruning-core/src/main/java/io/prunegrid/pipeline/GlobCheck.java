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
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Finds slips in globs over layer names. */
public final class GlobCheck {
  private GlobCheck() {}

  /**
   * Refuses globs of a selection that match no layer: they would protect nothing, silently. Refuses
   * networks that have no layers at all.
   *
   * @throws BadInput one problem a glob, with the nearest layer
   */
  public static void refuseUnmatched(CoupledChannels channels, SelectionConfig config) {
    refuse(layers(channels), channels.unmatched(config));
  }

  /**
   * The same with the globs among a method's parameters.
   *
   * @throws BadInput one problem a glob, with the nearest layer
   */
  public static void refuseUnmatched(
      CoupledChannels channels, SelectionConfig config, MethodConfig method) {
    List<String> layers = layers(channels);
    List<String> globs = new ArrayList<>(channels.unmatched(config));
    globs(method).values().stream()
        .flatMap(List::stream)
        .filter(glob -> layers.stream().noneMatch(Names.glob(glob).asMatchPredicate()))
        .forEach(globs::add);
    refuse(layers, globs);
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

  private static void refuse(List<String> layers, List<String> globs) {
    List<String> problems =
        globs.stream()
            .map(
                glob ->
                    "'"
                        + glob
                        + "' matches no layer of the network"
                        + Names.nearest(glob, layers)
                            .map(name -> "; did you mean '" + name + "'?")
                            .orElse(""))
            .toList();
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }
}
