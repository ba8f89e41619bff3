package io.prunegrid.pipeline;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.Counts;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.Target;
import io.prunegrid.common.BadInput;
import io.prunegrid.format.Safetensors;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import java.util.function.DoubleFunction;

/**
 * Finds the largest network that meets a target, among those of all ratios. As a rule a larger
 * ratio never leaves a larger network, so that halving finds it; where selections are not nested
 * ({@link Selection#isNested}), or where the ranking depends on the ratio, it may, and all are
 * tried.
 */
final class TargetSearch {
  private final Model model;
  private final CoupledChannels channels;
  private final DoubleFunction<Selection> selections;
  private final Target target;
  private final Order order;

  /** How selections of different ratios go together. */
  enum Order {
    /** The same ranking makes all of them. */
    NESTED,
    /** What a ratio takes another may leave. */
    ANY
  }

  TargetSearch(
      Model model,
      CoupledChannels channels,
      DoubleFunction<Selection> selections,
      Target target,
      Order order) {
    this.model = model;
    this.channels = channels;
    this.selections = selections;
    this.target = target;
    this.order = order;
  }

  /**
   * The ratio.
   *
   * @throws BadInput where no ratio leaves so little, with what the last leaves
   */
  double ratio(SelectionConfig config) {
    if (meets(new BitSet())) {
      return 0;
    }
    List<Double> ratios = ratios(config);
    boolean halves = order == Order.NESTED && Selection.isNested(channels, config);
    return halves ? halved(ratios) : tried(ratios);
  }

  private double tried(List<Double> ratios) {
    long smallest = figure(new BitSet());
    long largest = -1;
    double best = 0;
    BitSet before = new BitSet();
    for (double ratio : ratios) {
      BitSet removed = selections.apply(ratio).removed();
      if (removed.equals(before)) {
        continue;
      }
      before = removed;
      long figure = figure(removed);
      smallest = Math.min(smallest, figure);
      if (figure > largest && meets(figure)) {
        largest = figure;
        best = ratio;
      }
    }
    if (largest < 0) {
      throw unmet(smallest);
    }
    return best;
  }

  private double halved(List<Double> ratios) {
    int high = ratios.size() - 1;
    if (high < 0 || !meets(ratios.get(high))) {
      throw unmet(figure(high < 0 ? new BitSet() : selections.apply(ratios.get(high)).removed()));
    }
    int low = -1;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (meets(ratios.get(middle))) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return ratios.get(high);
  }

  private BadInput unmet(long smallest) {
    return new BadInput(
        "target "
            + target
            + " cannot be met: the smallest network that the selection leaves has "
            + smallest
            + " of "
            + figure(new BitSet())
            + " "
            + target.measure());
  }

  /**
   * A ratio for every selection that there is: those at which one more class of some pool goes,
   * under any rounding, and one between each two of them.
   */
  private List<Double> ratios(SelectionConfig config) {
    TreeSet<Double> ratios = new TreeSet<>();
    List<Bundle> bundles = channels.bundles(config);
    TreeSet<Integer> sizes = new TreeSet<>();
    if (config.scope() == Scope.LOCAL) {
      bundles.forEach(bundle -> sizes.add(bundle.classes().size()));
    } else {
      sizes.add(bundles.stream().mapToInt(bundle -> bundle.classes().size()).sum());
      bundles.forEach(bundle -> sizes.add(bundle.classes().size()));
    }
    for (int size : sizes) {
      for (int removed = 1; removed <= 2 * size - 1; removed++) {
        ratios.add(removed / (2.0 * size));
      }
    }
    List<Double> all = new ArrayList<>();
    for (double ratio : ratios) {
      if (!all.isEmpty()) {
        all.add((all.get(all.size() - 1) + ratio) / 2);
      }
      all.add(ratio);
    }
    return all;
  }

  private boolean meets(double ratio) {
    return meets(selections.apply(ratio).removed());
  }

  private boolean meets(BitSet removed) {
    return meets(figure(removed));
  }

  private boolean meets(long figure) {
    double limit =
        target.measure() == Target.Measure.BYTES
            ? target.amount()
            : target.amount() * figure(new BitSet());
    return figure <= limit + 1e-6;
  }

  private long figure(BitSet removed) {
    if (target.measure() == Target.Measure.BYTES) {
      return Safetensors.size(Removal.remove(model, channels, removed).model().weights());
    }
    ModelGraph graph = Removal.structure(channels, removed);
    Counts counts = Counts.of(graph);
    return target.measure() == Target.Measure.MACS ? counts.macs() : counts.parameters();
  }
}
