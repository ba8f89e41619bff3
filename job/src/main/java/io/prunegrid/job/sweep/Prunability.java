package io.prunegrid.job.sweep;

import io.prunegrid.channel.AttentionUnit;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Unit;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.pipeline.MethodConfig;
import io.prunegrid.pipeline.PruningCheck;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Finds selections under which nothing of a network can go, whatever the scores and the ratio. */
final class Prunability {
  private final String network;
  private final ModelGraph graph;
  private final Map<AttentionUnit, CoupledChannels> found = new ConcurrentHashMap<>();

  /**
   * @param network how messages call it
   */
  Prunability(String network, ModelGraph graph) {
    this.network = network;
    this.graph = graph;
  }

  Optional<String> problem(MethodConfig method, SelectionConfig selection) {
    Criterion criterion = Criteria.named(method.name());
    CoupledChannels channels;
    try {
      channels =
          found.computeIfAbsent(
              selection.limits().attention(), attention -> selection.channels(graph));
    } catch (BadInput e) {
      return Optional.of(network + ": " + e.getMessage());
    }
    List<String> wrong = new ArrayList<>();
    criterion
        .unfit(channels, method.parameters())
        .ifPresent(why -> wrong.add(criterion.name() + " cannot score " + network + ": " + why));
    wrong.addAll(PruningCheck.problems(method, selection, channels));
    String only = selection.limits().layerGlob();
    List<String> names = graph.layers().stream().map(Node::module).toList();
    if (names.isEmpty()) {
      wrong.add(network + " has no layer with weights");
    } else if (names.stream().noneMatch(layer -> matches(layer, List.of(only)))) {
      wrong.add(
          "layer is '"
              + only
              + "', which matches no layer of "
              + network
              + Names.suggestion(only, names));
    }
    if (!wrong.isEmpty()) {
      return Optional.of(String.join("; ", wrong));
    }
    List<String> guarded = selection.guarded(graph);
    if (criterion.unit() == Unit.WEIGHTS) {
      boolean norms = method.parameters().getOrDefault("parts", "").contains("norm");
      return graph.layers().stream()
              .filter(layer -> norms || !isNorm(layer.op()))
              .map(Node::module)
              .allMatch(
                  layer ->
                      !matches(layer, List.of(only))
                          || matches(layer, selection.ignore())
                          || matches(layer, guarded))
          ? Optional.of(
              "no weight of "
                  + network
                  + " can go: every layer"
                  + (only.equals("*") ? "" : " that 'layer' matches")
                  + " is ignored or protected")
          : Optional.empty();
    }
    if (channels.prunable(selection) == 0) {
      return Optional.of(
          "no channel of "
              + network
              + " can go: all"
              + (only.equals("*") ? "" : " of layer '" + only + "'")
              + " reach its output or the output of an ignored layer");
    }
    List<List<String>> free =
        channels.bundles(selection).stream()
            .map(bundle -> bundle.layers())
            .filter(layers -> layers.stream().noneMatch(layer -> matches(layer, guarded)))
            .toList();
    if (free.isEmpty()) {
      return Optional.of("no channel of " + network + " can go: all are ignored or protected");
    }
    return tooFewLeft(channels, free, selection);
  }

  /** Every layer that could lose channels must keep more than it has. */
  private Optional<String> tooFewLeft(
      CoupledChannels channels, List<List<String>> free, SelectionConfig selection) {
    int least = selection.onEmpty() == OnEmpty.KEEP_BEST ? selection.minChannels() : 1;
    int widest = 0;
    for (List<String> layers : free) {
      int narrowest =
          layers.stream().mapToInt(layer -> channels.outClasses(layer).length).min().orElse(0);
      widest = Math.max(widest, narrowest);
    }
    if (selection.roundTo() >= widest && selection.roundTo() > 1) {
      return Optional.of(
          "round-to = "
              + selection.roundTo()
              + " lets no layer of "
              + network
              + " lose a channel: the widest that could has "
              + widest);
    }
    if (least >= widest) {
      return Optional.of(
          "min-channels = "
              + least
              + " lets no layer of "
              + network
              + " lose a channel: the widest that could has "
              + widest);
    }
    return Optional.empty();
  }

  private static boolean isNorm(Op op) {
    return op instanceof Op.BatchNorm2d || op instanceof NormOp;
  }

  private static boolean matches(String layer, Collection<String> globs) {
    return globs.stream()
        .map(Names::glob)
        .map(Pattern::asMatchPredicate)
        .anyMatch(p -> p.test(layer));
  }
}
