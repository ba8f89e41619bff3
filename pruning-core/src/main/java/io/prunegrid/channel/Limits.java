package io.prunegrid.channel;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.graph.Convolution;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a selection takes of single layers, and how far it goes.
 *
 * @param ratios in place of the ratio, by layer; with local scope only
 * @param caps the largest share of its channels or weights that a layer may lose, by layer
 * @param skipFirst so many of the network's first layers are protected
 * @param layers which layers {@code skipFirst} counts
 * @param zeroParts what of a silenced channel's own tensors is zeroed; empty for all that taking it
 *     out would take, its readers' weights too
 * @param target what the pruned network must come down to, in place of the ratio
 * @param steps in how many equal steps the ratio is reached, scores taken anew for each; at least 1
 * @param between what happens between two steps
 * @param layer glob of the layers that are pruned, {@link #ALL_LAYERS} for all; others, unless they
 *     share channels with these, stay as they are and are in no count
 * @param attention what goes of attention at once
 */
public record Limits(
    LayerNumbers ratios,
    LayerNumbers caps,
    int skipFirst,
    Counted layers,
    List<ZeroPart> zeroParts,
    Target target,
    int steps,
    Between between,
    String layer,
    AttentionUnit attention)
    implements Serializable {
  /** All layers. */
  public static final String ALL_LAYERS = "all";

  /** Nothing is limited: one step to the ratio. */
  public static final Limits NONE =
      new Limits(
          LayerNumbers.NONE,
          LayerNumbers.NONE,
          0,
          Counted.ALL,
          List.of(),
          Target.NONE,
          1,
          Between.NOTHING,
          ALL_LAYERS);

  public Limits {
    zeroParts = List.copyOf(zeroParts);
    List<String> problems = new ArrayList<>();
    outside(problems, "layer-ratios", ratios, 1, "less than 1");
    outside(problems, "layer-caps", caps, Math.nextUp(1.0), "at most 1");
    if (skipFirst < 0) {
      problems.add("skip-first must be at least 0, found " + skipFirst);
    }
    if (steps < 1) {
      problems.add("steps must be at least 1, found " + steps);
    }
    if (layer.isBlank()) {
      problems.add("layer must be a glob over layer names, found nothing");
    }
    contradiction(target, steps).ifPresent(problems::add);
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }

  /** Why a target cannot be reached in so many steps; empty where it can. */
  public static Optional<String> contradiction(Target target, int steps) {
    return steps > 1 && target.measure() != Target.Measure.NONE
        ? Optional.of(
            "a target is reached in one step, found target " + target + " and steps " + steps)
        : Optional.empty();
  }

  /** The same position of every head of attention goes at once. */
  public Limits(
      LayerNumbers ratios,
      LayerNumbers caps,
      int skipFirst,
      Counted layers,
      List<ZeroPart> zeroParts,
      Target target,
      int steps,
      Between between,
      String layer) {
    this(
        ratios,
        caps,
        skipFirst,
        layers,
        zeroParts,
        target,
        steps,
        between,
        layer,
        AttentionUnit.POSITIONS);
  }

  private static void outside(
      List<String> problems, String name, LayerNumbers numbers, double below, String allowed) {
    for (LayerNumbers.Entry entry : numbers.entries()) {
      if (entry.number() >= below) {
        problems.add(name + " must be " + allowed + ", found " + entry.number());
      }
    }
  }

  /** Which layers are counted from a network's beginning. */
  public enum Counted {
    CONV,
    LINEAR,
    ALL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A channel's own tensors. */
  public enum ZeroPart {
    WEIGHT,
    BIAS,
    NORM;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What happens between two steps. */
  public enum Between {
    NOTHING,
    RETRAIN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Names of the layers that {@code skipFirst} protects. */
  public List<String> skipped(ModelGraph graph) {
    return graph.layers().stream()
        .filter(
            layer ->
                (layer.op() instanceof Convolution && layers != Counted.LINEAR)
                    || (layer.op() instanceof Op.Linear && layers != Counted.CONV))
        .limit(skipFirst)
        .map(layer -> layer.module())
        .toList();
  }

  /** What is not as in {@link #NONE}, by the key's name, as a person would write it. */
  public SortedMap<String, String> named() {
    SortedMap<String, String> named = new TreeMap<>();
    if (attention != NONE.attention) {
      named.put("attention", attention.toString());
    }
    if (!layer.equals(ALL_LAYERS)) {
      named.put("layer", layer);
    }
    if (!ratios.equals(NONE.ratios)) {
      named.put("layer-ratios", ratios.toString());
    }
    if (!caps.equals(NONE.caps)) {
      named.put("layer-caps", caps.toString());
    }
    if (skipFirst > 0) {
      named.put("skip-first", String.valueOf(skipFirst));
      named.put("layers", layers.toString());
    }
    if (!zeroParts.isEmpty()) {
      named.put(
          "zero-parts",
          zeroParts.stream().map(ZeroPart::toString).collect(Collectors.joining(",")));
    }
    if (!target.equals(NONE.target)) {
      named.put("target", target.toString());
    }
    if (steps > 1) {
      named.put("steps", String.valueOf(steps));
      named.put("between", between.toString());
    }
    return named;
  }

  /** The same in one step. */
  public Limits inOneStep() {
    return new Limits(
        ratios, caps, skipFirst, layers, zeroParts, target, 1, Between.NOTHING, layer, attention);
  }

  /** The same with ratios of single layers. */
  public Limits withRatios(LayerNumbers own) {
    return new Limits(
        own, caps, skipFirst, layers, zeroParts, target, steps, between, layer, attention);
  }

  /** The same for the layers that another glob matches. */
  public Limits withLayer(String other) {
    return new Limits(
        ratios, caps, skipFirst, layers, zeroParts, target, steps, between, other, attention);
  }

  /** The same with other parts of attention that go at once. */
  public Limits withAttention(AttentionUnit other) {
    return new Limits(
        ratios, caps, skipFirst, layers, zeroParts, target, steps, between, layer, other);
  }

  /** Whether a layer is among those that are pruned. */
  boolean prunes(String name) {
    return Names.glob(layerGlob()).matcher(name).matches();
  }

  /** The layers that are pruned, as a glob. */
  public String layerGlob() {
    return layer.equals(ALL_LAYERS) ? "*" : layer;
  }
}
