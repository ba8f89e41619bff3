package io.prunegrid.channel;

import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which classes of coupled channels go: what was asked and what came of it.
 *
 * @param removed ids of the classes that go
 * @param prunable classes that could go: neither pinned nor in an ignored layer's output
 * @param asked classes that the ratio alone takes, before protection, rounding and layers that
 *     would be empty
 * @param bundles the same figures for each bundle
 */
public record Selection(BitSet removed, int prunable, int asked, List<BundleShare> bundles) {
  public Selection {
    removed = (BitSet) removed.clone();
    bundles = List.copyOf(bundles);
  }

  /**
   * What one bundle was asked for and lost.
   *
   * @param asked classes that the ratio alone takes of it
   * @param removed classes that go
   */
  public record BundleShare(Bundle bundle, int asked, int removed) {}

  @Override
  public BitSet removed() {
    return (BitSet) removed.clone();
  }

  public boolean removes(int classId) {
    return removed.get(classId);
  }

  public int removedCount() {
    return removed.cardinality();
  }

  /** Share of the prunable classes that go, in [0, 1]; 0 where none is prunable. */
  public double reached() {
    return prunable == 0 ? 0 : (double) removedCount() / prunable;
  }

  /** Why nothing goes, as one sentence; empty where something goes. */
  public Optional<String> whyNothing() {
    if (!removed.isEmpty()) {
      return Optional.empty();
    }
    if (prunable == 0) {
      return Optional.of(
          "nothing was removed: no channel can go, all reach an output or an ignored layer's output");
    }
    if (asked == 0) {
      return Optional.of(
          "nothing was removed: the ratio takes none of the "
              + prunable
              + " prunable channels, or none of them is scored");
    }
    return Optional.of(
        "nothing was removed: of "
            + prunable
            + " prunable channels the ratio takes "
            + asked
            + ", but all of them are protected or their layers would keep fewer channels than"
            + " round-to, min-channels and on-empty allow");
  }

  /**
   * Selects the classes of lowest score. Local scope takes the ratio's share of each bundle, global
   * scope of all bundles together; among equal scores the lower id goes first. Protected classes
   * are ranked but stay, and their share is not given back. Then every layer's remaining channels
   * are seen to, see {@link LayerFloors}.
   *
   * @param classScores a score for each class id; NaN where a class is not scored: it stays and is
   *     in no pool
   * @param ratio share of the classes that goes, in [0, 1); 0 removes nothing
   * @throws BadInput for a ratio outside [0, 1)
   */
  public static Selection select(
      CoupledChannels channels, double[] classScores, double ratio, SelectionConfig config) {
    Share.check(ratio);
    if (classScores.length != channels.classes().size()) {
      throw new IllegalArgumentException(
          "expects a score for each of "
              + channels.classes().size()
              + " classes, found "
              + classScores.length);
    }
    List<Bundle> bundles = channels.bundles(config);
    List<List<Integer>> pools = pools(bundles, classScores, config.scope());
    BitSet asked = new BitSet();
    for (List<Integer> pool : pools) {
      int share = Math.toIntExact(Share.removed(pool.size(), ratio, config.rounding()));
      pool.stream().sorted(LayerFloors.lowestFirst(classScores)).limit(share).forEach(asked::set);
    }
    BitSet free = new BitSet();
    pools.forEach(pool -> pool.forEach(free::set));
    free.andNot(protectedClasses(channels, config.protect()));
    BitSet removed = (BitSet) asked.clone();
    removed.and(free);
    new LayerFloors(channels, classScores, free, config).settle(removed);
    List<BundleShare> shares =
        bundles.stream()
            .map(bundle -> new BundleShare(bundle, count(bundle, asked), count(bundle, removed)))
            .toList();
    int prunable = bundles.stream().mapToInt(bundle -> bundle.classes().size()).sum();
    return new Selection(removed, prunable, asked.cardinality(), shares);
  }

  private static List<List<Integer>> pools(
      List<Bundle> bundles, double[] classScores, Scope scope) {
    List<List<Integer>> pools = new ArrayList<>();
    for (Bundle bundle : bundles) {
      pools.add(bundle.classes().stream().filter(id -> !Double.isNaN(classScores[id])).toList());
    }
    return scope == Scope.LOCAL ? pools : List.of(pools.stream().flatMap(List::stream).toList());
  }

  private static BitSet protectedClasses(CoupledChannels channels, List<String> globs) {
    List<Pattern> patterns = globs.stream().map(Names::glob).toList();
    BitSet kept = new BitSet();
    for (ChannelClass each : channels.classes()) {
      boolean matches =
          each.sites().stream()
              .filter(site -> site.side() == Side.OUT)
              .anyMatch(site -> patterns.stream().anyMatch(p -> p.matcher(site.layer()).matches()));
      kept.set(each.id(), matches);
    }
    return kept;
  }

  private static int count(Bundle bundle, BitSet chosen) {
    return (int) bundle.classes().stream().filter(chosen::get).count();
  }
}
