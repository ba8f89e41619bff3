package io.prunegrid.channel;

import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.Names;
import io.prunegrid.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Why a selection takes nothing although something was asked: the first cause, as one sentence. */
public final class WhyNothing {
  private final String prunable;
  private final double ratio;
  private final SelectionConfig config;

  private WhyNothing(String prunable, double ratio, SelectionConfig config) {
    this.prunable = prunable;
    this.ratio = ratio;
    this.config = config;
  }

  /**
   * Of channels.
   *
   * @param ratio that was asked for, above 0
   * @param config of the selection
   * @param rule how the selection read the scores
   * @return empty where something goes
   */
  public static Optional<String> channels(
      Selection selection, double ratio, SelectionConfig config, Selection.Rule rule) {
    if (!selection.removed().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "nothing was removed: "
            + new WhyNothing(selection.prunable() + " prunable channels", ratio, config)
                .cause(selection, rule));
  }

  private String cause(Selection selection, Selection.Rule rule) {
    Selection.Stages stages = selection.stages();
    if (selection.prunable() == 0) {
      return "the network has no prunable channels, for all of them reach an output or belong to an"
          + " ignored layer"
          + left();
    }
    if (stages.scored() == 0) {
      return "the method gives none of the " + prunable + " a score";
    }
    if (stages.free() == 0) {
      return guarded();
    }
    if (selection.asked() == 0) {
      return rule == Selection.Rule.RANKS
          ? "of " + prunable + " none is among the lowest of every image" + asked()
          : tooLittle();
    }
    String taken = "of " + prunable + asked() + " takes " + selection.asked() + ", but ";
    if (stages.allowed() == 0) {
      return taken
          + "all of these are protected"
          + (config.limits().caps().entries().isEmpty() ? "" : " or more than layer-caps allow")
          + guards();
    }
    if (config.roundTo() > 1) {
      return taken
          + "no layer can lose some and keep a multiple of round-to "
          + config.roundTo()
          + floors();
    }
    return taken + "the layers that they belong to would keep too few" + floors();
  }

  /**
   * Of weights.
   *
   * @param ratio that was asked for, above 0
   * @param config of the selection
   * @return empty where something goes
   */
  public static Optional<String> weights(
      WeightMasks.Pool all, WeightMasks selected, double ratio, SelectionConfig config) {
    if (selected.removed() > 0) {
      return Optional.empty();
    }
    return Optional.of(
        "nothing was removed: "
            + new WhyNothing(selected.prunable() + " prunable weights", ratio, config).cause(all));
  }

  private String cause(WeightMasks.Pool all) {
    Map<String, Tensor> pool = all.compared(config);
    if (pool.isEmpty()) {
      return "the network has no prunable weights, for all that the method ranks belong to an"
          + " ignored layer"
          + left();
    }
    if (LowestValues.count(pool.values()) == 0) {
      return "the method gives no weight a score";
    }
    List<String> guarded = new ArrayList<>(config.protect());
    guarded.addAll(all.skipped());
    List<Pattern> globs = guarded.stream().map(Names::glob).toList();
    if (pool.keySet().stream().allMatch(name -> WeightMasks.matches(name, globs))) {
      return guarded();
    }
    if (all.rule() == Selection.Rule.BELOW_ONE) {
      return "the method's rule takes none of the "
          + prunable
          + ", whatever the ratio: none of them is below what it calls small"
          + guards();
    }
    if (asked(pool) == 0) {
      return tooLittle();
    }
    if (all.align() > 1) {
      return "of " + prunable + asked() + " leaves no smaller multiple of align " + all.align();
    }
    return "of "
        + prunable
        + asked()
        + " takes some, but all of these are spared or protected"
        + guards();
  }

  /** How many weights the ratio takes before anything keeps them. */
  private long asked(Map<String, Tensor> pool) {
    if (config.scope() == Scope.GLOBAL) {
      return Share.removed(LowestValues.count(pool.values()), ratio, config.rounding());
    }
    LayerNumbers ratios = config.limits().ratios();
    return pool.entrySet().stream()
        .mapToLong(
            entry ->
                Share.removed(
                    LowestValues.count(List.of(entry.getValue())),
                    ratios.of(WeightMasks.layer(entry.getKey())).orElse(ratio),
                    config.rounding()))
        .sum();
  }

  private String tooLittle() {
    return "of " + prunable + asked() + " takes none";
  }

  private String asked() {
    return ", ratio "
        + ratio
        + " with scope "
        + config.scope()
        + " and rounding "
        + config.rounding();
  }

  private String guarded() {
    return "all of the " + prunable + " are protected" + guards();
  }

  /** What is protected, in brackets; nothing where nothing is. */
  private String guards() {
    List<String> words = new ArrayList<>();
    if (!config.protect().isEmpty()) {
      words.add("protect is " + String.join(",", config.protect()));
    }
    if (config.limits().skipFirst() > 0) {
      words.add(
          "skip-first is "
              + config.limits().skipFirst()
              + " of layers "
              + config.limits().layers());
    }
    return brackets(words);
  }

  /** Which layers are looked at. */
  private String left() {
    List<String> words = new ArrayList<>();
    if (!config.ignore().isEmpty()) {
      words.add("ignore is " + String.join(",", config.ignore()));
    }
    if (!config.limits().layer().equals(Limits.ALL_LAYERS)) {
      words.add("layer is " + config.limits().layer());
    }
    return brackets(words);
  }

  private String floors() {
    return config.onEmpty() == OnEmpty.SKIP
        ? " (on-empty is skip)"
        : " (on-empty is " + config.onEmpty() + ", min-channels " + config.minChannels() + ")";
  }

  private static String brackets(List<String> words) {
    return words.isEmpty() ? "" : " (" + String.join(", ", words) + ")";
  }
}
