package io.prunegrid.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.KeptChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Which classes of coupled channels Torch-Pruning removed. */
public final class RecordedSelection {
  private RecordedSelection() {}

  /**
   * The removed classes of a configuration, read off each bundle's root and checked against every
   * other layer, inputs too.
   */
  public static BitSet removed(
      CoupledChannels channels, PruningOracle.Configuration recorded, SelectionConfig config) {
    BitSet removed = removed(channels, config, root -> recorded.kept(root, "out").orElse(null));
    assertSame(recorded.toString(), Removal.kept(channels, removed), recorded);
    return removed;
  }

  /** The classes that are missing from what is left of the layers. */
  public static BitSet removed(
      CoupledChannels channels, Map<String, LayerKept> layers, SelectionConfig config) {
    return removed(channels, config, root -> layers.get(root).out().kept());
  }

  private static BitSet removed(
      CoupledChannels channels, SelectionConfig config, Function<String, int[]> kept) {
    BitSet removed = new BitSet();
    for (Bundle bundle : channels.bundles(config)) {
      int[] left = kept.apply(bundle.root());
      for (int id : bundle.classes()) {
        Site site = channels.classes().get(id).sites().get(0);
        if (left != null && Arrays.binarySearch(left, site.positions()[0]) < 0) {
          removed.set(id);
        }
      }
    }
    return removed;
  }

  /**
   * How two selections differ. Each class that goes in the one and stays in the other is asserted
   * to have one the other way round that scores the same. The reference removes all that score as
   * its threshold does, and so may remove more.
   *
   * @param scores recorded, by class
   * @param near up to what share of a score is the same score
   * @return a line for each exchange
   */
  public static List<String> exchanges(
      String what,
      CoupledChannels channels,
      Map<Integer, Double> scores,
      BitSet ours,
      BitSet theirs,
      double near) {
    List<String> lines = new ArrayList<>();
    BitSet here = (BitSet) ours.clone();
    here.andNot(theirs);
    BitSet there = (BitSet) theirs.clone();
    there.andNot(ours);
    assertThat(here.cardinality())
        .as("%s: %s for %s", what, here, there)
        .isLessThanOrEqualTo(there.cardinality());
    for (int id = here.nextSetBit(0); id >= 0; id = here.nextSetBit(id + 1)) {
      double own = scores.get(id);
      int twin =
          there.stream()
              .boxed()
              .min(Comparator.comparingDouble(other -> Math.abs(scores.get(other) - own)))
              .orElseThrow();
      double gap = Math.abs(scores.get(twin) - own) / Math.abs(own);
      String line =
          String.format(
              "%s: %s goes for %s, recorded scores %.8g and %.8g, %.1e apart",
              what, place(channels, id), place(channels, twin), own, scores.get(twin), gap);
      assertThat(gap).as(line).isLessThanOrEqualTo(near);
      lines.add(line);
      there.clear(twin);
    }
    double threshold = ours.stream().mapToDouble(scores::get).max().orElse(0);
    for (int id = there.nextSetBit(0); id >= 0; id = there.nextSetBit(id + 1)) {
      double gap = Math.abs(scores.get(id) - threshold) / Math.abs(threshold);
      String line =
          String.format(
              "%s: the reference removes %s too, recorded score %.8g, %.1e from the threshold",
              what, place(channels, id), scores.get(id), gap);
      assertThat(gap).as(line).isLessThanOrEqualTo(near);
      lines.add(line);
    }
    return lines;
  }

  /**
   * Classes with a channel in each of several groups, of which the reference rounds differently.
   */
  public static BitSet grouped(CoupledChannels channels) {
    BitSet grouped = new BitSet();
    channels.classes().stream()
        .filter(each -> each.sites().get(0).count() > 1)
        .forEach(each -> grouped.set(each.id()));
    return grouped;
  }

  /** The classes of a set that are not in another. */
  public static BitSet without(BitSet classes, BitSet others) {
    BitSet left = (BitSet) classes.clone();
    left.andNot(others);
    return left;
  }

  private static String place(CoupledChannels channels, int id) {
    return channels.classes().get(id).sites().get(0).toString();
  }

  /** Asserts that every layer kept what was recorded. */
  public static void assertSame(
      String what, Map<String, LayerKept> kept, PruningOracle.Configuration recorded) {
    kept.forEach(
        (layer, left) -> {
          assertThat(left.out().kept())
              .as("%s %s out", what, layer)
              .isEqualTo(recorded.kept(layer, "out").orElse(all(left.out())));
          left.in()
              .ifPresent(
                  in ->
                      assertThat(in.kept())
                          .as("%s %s in", what, layer)
                          .isEqualTo(recorded.kept(layer, "in").orElse(all(in))));
        });
  }

  private static int[] all(KeptChannels kept) {
    return IntStream.range(0, kept.of()).toArray();
  }
}
