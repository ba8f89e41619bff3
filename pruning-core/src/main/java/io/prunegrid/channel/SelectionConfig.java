package io.prunegrid.channel;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.ModelGraph;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How scores become a selection. The ratio stands beside it, since a sweep varies that.
 *
 * @param scope what is compared with what
 * @param rounding how many of n a ratio removes
 * @param onEmpty what happens where a layer would be left without channels
 * @param minChannels how many channels {@link OnEmpty#KEEP_BEST} leaves, at least 1
 * @param roundTo remaining channels of a layer that loses any are a multiple of this; 1 for no
 *     rounding
 * @param ignore globs over whole layer names; a class that touches such a layer's output is not
 *     pruned and in no count
 * @param protect globs; ranked with the others but never removed, their share of the budget not
 *     given back
 * @param ties of masks: exactly k weights, or every weight not above the k-th smallest
 * @param apply take the channels out, or zero them in place
 * @param limits what is taken of single layers, and how far the selection goes
 */
public record SelectionConfig(
    Scope scope,
    Rounding rounding,
    OnEmpty onEmpty,
    int minChannels,
    int roundTo,
    List<String> ignore,
    List<String> protect,
    Ties ties,
    Apply apply,
    Limits limits)
    implements Serializable {

  public SelectionConfig {
    ignore = List.copyOf(ignore);
    protect = List.copyOf(protect);
    List<String> problems = new ArrayList<>();
    if (minChannels < 1) {
      problems.add("min-channels must be at least 1, found " + minChannels);
    }
    if (roundTo < 1) {
      problems.add("round-to must be at least 1, found " + roundTo);
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }

  /** Nothing limited: one step to the ratio. */
  public SelectionConfig(
      Scope scope,
      Rounding rounding,
      OnEmpty onEmpty,
      int minChannels,
      int roundTo,
      List<String> ignore,
      List<String> protect,
      Ties ties,
      Apply apply) {
    this(scope, rounding, onEmpty, minChannels, roundTo, ignore, protect, ties, apply, Limits.NONE);
  }

  /** The same with other limits. */
  public SelectionConfig with(Limits others) {
    return new SelectionConfig(
        scope, rounding, onEmpty, minChannels, roundTo, ignore, protect, ties, apply, others);
  }

  /**
   * The coupled channels of a graph, attention's as they go at once here.
   *
   * @throws IllegalArgumentException naming a node through which channels cannot be followed
   */
  public CoupledChannels channels(ModelGraph graph) {
    return CoupledChannels.of(graph, limits.attention());
  }

  /** The layers that are protected by name and those that are skipped, as globs. */
  public List<String> guarded(ModelGraph graph) {
    List<String> all = new ArrayList<>(protect);
    all.addAll(limits.skipped(graph));
    return all;
  }

  /**
   * Local, up, keep-best with 1 channel, no rounding, nothing ignored or protected, exact ties,
   * channels taken out.
   */
  public static SelectionConfig defaults() {
    return new SelectionConfig(
        Scope.LOCAL,
        Rounding.UP,
        OnEmpty.KEEP_BEST,
        1,
        1,
        List.of(),
        List.of(),
        Ties.EXACT,
        Apply.REMOVE);
  }

  /**
   * What is compared: the classes of one bundle, all classes together, or the classes of bundles
   * that live in the same kinds of layers (Fang et al. 2024, Isomorphic Pruning).
   */
  public enum Scope {
    LOCAL,
    GLOBAL,
    ISOMORPHIC;

    @Override
    public String toString() {
      return spelled(this);
    }
  }

  /**
   * How many of n a ratio r removes: {@code UP} keeps floor(n (1 - r)), {@code DOWN} removes
   * floor(n r), {@code NEAREST} rounds n r half to even. A product within 1e-9 of an integer is
   * that integer.
   */
  public enum Rounding {
    UP,
    DOWN,
    NEAREST;

    @Override
    public String toString() {
      return spelled(this);
    }
  }

  /** Where a layer would be left without channels: its best stay, or its bundle is left whole. */
  public enum OnEmpty {
    KEEP_BEST,
    SKIP;

    @Override
    public String toString() {
      return spelled(this);
    }
  }

  /** Which weights a mask drops at the threshold. */
  public enum Ties {
    EXACT,
    ALL;

    @Override
    public String toString() {
      return spelled(this);
    }
  }

  /** Whether selected channels leave the tensors or are zeroed in them. */
  public enum Apply {
    REMOVE,
    ZERO;

    @Override
    public String toString() {
      return spelled(this);
    }
  }

  private static String spelled(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
