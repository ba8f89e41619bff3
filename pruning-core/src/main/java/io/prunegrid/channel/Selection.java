package io.prunegrid.channel;

import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which classes of coupled channels go: what was asked and what came of it.
 *
 * @param removed ids of the classes that go
 * @param prunable classes that could go: neither pinned nor in an ignored layer's output
 * @param asked classes that the ratio alone takes, before protection, rounding and layers that
 *     would be empty
 * @param bundles the same figures for each bundle
 * @param stages how many classes each step left
 */
public record Selection(
    BitSet removed, int prunable, int asked, List<BundleShare> bundles, Stages stages) {
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

  /**
   * How many classes each step of a selection left.
   *
   * @param scored prunable classes that have a score
   * @param free those of them that are not protected
   * @param allowed of those that the ratio takes, how many protection and caps let go
   */
  public record Stages(int scored, int free, int allowed) {}

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
    return select(channels, classScores, ratio, config, Rule.LOWEST);
  }

  /**
   * How many of n a ratio removes.
   *
   * @throws BadInput for a ratio outside [0, 1)
   */
  public static long share(long n, double ratio, SelectionConfig.Rounding rounding) {
    Share.check(ratio);
    return Share.removed(n, ratio, rounding);
  }

  /**
   * Whether what a ratio takes by a ranking, a larger one takes too. It may not where a layer that
   * would be empty is left whole, or where a layer that is fed by several bundles must keep a round
   * number of channels, so that one bundle takes what another leaves.
   */
  public static boolean isNested(CoupledChannels channels, SelectionConfig config) {
    return config.onEmpty() != SelectionConfig.OnEmpty.SKIP
        && LayerFloors.areApart(channels, config);
  }

  /** How a selection reads scores. */
  public enum Rule {
    /** Exactly the ratio's share goes, lowest scores first. */
    LOWEST,
    /**
     * A score is a rank among the bundle's classes, counted from 1, and every class goes whose rank
     * is within the ratio's share of the bundle: at most that many, perhaps none.
     */
    RANKS,
    /** Whatever scores below 1 goes, whatever the ratio, unless that is 0; for masks. */
    BELOW_ONE
  }

  /**
   * Selects classes by a rule of their scores, see {@link #select(CoupledChannels, double[],
   * double, SelectionConfig)}.
   *
   * @throws BadInput for a ratio outside [0, 1), and for ranks in global scope
   */
  public static Selection select(
      CoupledChannels channels,
      double[] classScores,
      double ratio,
      SelectionConfig config,
      Rule rule) {
    Share.check(ratio);
    Remainders whole = new Remainders(channels, config, ratio);
    return select(channels, classScores, ratio, config, rule, whole);
  }

  /**
   * Selects from a network that is partly pruned what is left to take until a share of the whole
   * network is gone.
   *
   * @param ratio share of the whole network, in [0, 1)
   * @param whole remembers the network as it was, under the same configuration
   * @throws BadInput for a ratio outside [0, 1), and for ranks in global scope
   */
  public static Selection select(
      CoupledChannels channels,
      double[] classScores,
      double ratio,
      SelectionConfig config,
      Rule rule,
      Remainders whole) {
    Share.check(ratio);
    if (rule == Rule.RANKS && config.scope() != Scope.LOCAL) {
      throw new BadInput(
          "the method ranks the channels of each bundle among themselves; allowed: scope local");
    }
    if (classScores.length != channels.classes().size()) {
      throw new IllegalArgumentException(
          "expects a score for each of "
              + channels.classes().size()
              + " classes, found "
              + classScores.length);
    }
    if (rule == Rule.BELOW_ONE) {
      throw new IllegalArgumentException("channels are ranked, not compared with 1");
    }
    if (config.scope() != Scope.LOCAL && !config.limits().ratios().entries().isEmpty()) {
      throw new BadInput(
          "layer-ratios hold for each layer by itself, but scope is "
              + config.scope()
              + "; allowed: scope local");
    }
    List<Bundle> bundles = channels.bundles(config);
    List<Remainders.Pool> pools = whole.pools(channels, classScores, ratio);
    BitSet asked = new BitSet();
    for (Remainders.Pool pool : pools) {
      if (rule == Rule.RANKS) {
        int most = Math.min(pool.asked(), pool.ids().size() - 1);
        pool.ids().stream().filter(id -> classScores[id] <= most).forEach(asked::set);
      } else {
        addLowest(pool.ids(), classScores, pool.asked(), asked);
      }
    }
    BitSet free = new BitSet();
    pools.forEach(pool -> pool.ids().forEach(free::set));
    int scored = free.cardinality();
    free.andNot(protectedClasses(channels, config.guarded(channels.graph())));
    BitSet removed = (BitSet) asked.clone();
    int[] most = bundles.stream().mapToInt(bundle -> whole.most(channels, bundle)).toArray();
    for (int i = 0; i < most.length; i++) {
      cap(bundles.get(i), classScores, most[i], removed);
    }
    removed.and(free);
    Stages stages = new Stages(scored, free.cardinality(), removed.cardinality());
    new LayerFloors(channels, classScores, free, most, config).settle(removed);
    List<BundleShare> shares =
        bundles.stream()
            .map(bundle -> new BundleShare(bundle, count(bundle, asked), count(bundle, removed)))
            .toList();
    int prunable = bundles.stream().mapToInt(bundle -> bundle.classes().size()).sum();
    return new Selection(removed, prunable, asked.cardinality(), shares, stages);
  }

  /** The classes of lowest score, among equal scores the lower ids. */
  private static void addLowest(List<Integer> ids, double[] scores, int count, BitSet chosen) {
    if (count == 0) {
      return;
    }
    double[] ascending = new double[ids.size()];
    for (int i = 0; i < ascending.length; i++) {
      ascending[i] = scores[ids.get(i)] + 0.0;
    }
    Arrays.sort(ascending);
    double last = ascending[count - 1];
    List<Integer> ties = new ArrayList<>();
    int left = count;
    for (int id : ids) {
      if (scores[id] < last) {
        chosen.set(id);
        left--;
      } else if (scores[id] == last) {
        ties.add(id);
      }
    }
    ties.stream().sorted().limit(left).forEach(chosen::set);
  }

  /** Gives back the best of what a bundle would lose beyond the caps of its layers. */
  private static void cap(Bundle bundle, double[] classScores, int most, BitSet removed) {
    bundle.classes().stream()
        .filter(removed::get)
        .sorted(LayerFloors.lowestFirst(classScores))
        .skip(most)
        .toList()
        .forEach(removed::clear);
  }

  private static BitSet protectedClasses(CoupledChannels channels, List<String> globs) {
    List<Pattern> patterns = globs.stream().map(Names::glob).toList();
    BitSet kept = new BitSet();
    if (patterns.isEmpty()) {
      return kept;
    }
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
