package io.prunegrid.measure;

import io.prunegrid.common.Interruption;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.measure.LatencyResult.WarmUp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.DoubleStream;

/**
 * Compares the latency of two networks on a machine that others may disturb.
 *
 * <p>A <em>round</em> times one pass of the base, one of the other network and one of a second copy
 * of the base, the control, in random order, and gives two ratios to the base: what disturbs a
 * moment disturbs all three. On a busy machine a longer pass is more often interrupted, and the
 * ratio comes out too large; so where a block has enough passes during which the thread kept its
 * processor, its ratio is that of their medians. A <em>block</em> opens all three anew, because
 * where weights lie in memory makes a difference that no number of passes in one place averages
 * out, lets each warm up again and gives one ratio, the median over its rounds otherwise. Blocks
 * are the independent trials behind the intervals (Kalibera and Jones, Rigorous Benchmarking in
 * Reasonable Time, ISMM 2013). Blocks are added until both intervals are as narrow as wanted or the
 * time is over.
 */
public final class Latency {
  /** Leaves room for twice as many blocks as an interval needs at the least. */
  private static final int BLOCKS_THAT_FIT = 2 * RatioInterval.FEWEST;

  private static final double BLOCK_SECONDS = 0.25;
  private static final double LONGEST_BLOCK_SECONDS = 2;

  /** A block may last so many times as long where it takes that to catch passes undisturbed. */
  private static final int PATIENCE = 4;

  /** The share of a pass that its thread has a processor, from which it is undisturbed. */
  private static final double UNDISTURBED = 0.95;

  private static final int FEWEST_ROUNDS = 3;
  private static final int WARM_UP_WINDOW = 5;
  private static final double WARM_UP_AGREEMENT = 0.03;
  private static final double WARM_UP_SHARE = 0.25;
  private static final int WARM_UP_OF_A_BLOCK = 2;

  private static final int BASE = 0;
  private static final int CONTROL = 1;
  private static final int PRUNED = 2;
  private static final int NETWORKS = 3;

  private final Passes.Source[] sources;
  private final LatencySettings settings;
  private final PassClock clock;
  private final SplitMix64 random;
  private final List<Round> rounds = new ArrayList<>();
  private final List<Double> ratios = new ArrayList<>();
  private final List<Double> controls = new ArrayList<>();
  private int warmUpRounds;
  private WarmUp warmUp = WarmUp.BOUNDED;
  private long timedNanos;
  private long processorNanos;
  private boolean processorKnown = true;

  /**
   * One pass of each network.
   *
   * @param nanos how long each took
   * @param undisturbed during which the thread had a processor all the time
   */
  private record Round(List<Double> nanos, BitSet undisturbed) {
    double ratio(int network) {
      return nanos.get(network) / nanos.get(BASE);
    }
  }

  private Latency(
      Passes.Source base, Passes.Source pruned, LatencySettings settings, PassClock clock) {
    this.sources = new Passes.Source[] {base, base, pruned};
    this.settings = settings;
    this.clock = clock;
    this.random = SplitMix64.stream(settings.seed(), "latency");
  }

  /**
   * Measures; takes the calling thread alone.
   *
   * @param base opened twice for each block, once for itself and once as the control
   * @param pruned the other network
   * @throws java.util.concurrent.CancellationException when the thread is interrupted
   */
  public static LatencyResult compare(
      Passes.Source base, Passes.Source pruned, LatencySettings settings, PassClock clock) {
    return new Latency(base, pruned, settings, clock).measure();
  }

  private LatencyResult measure() {
    long start = clock.nanos();
    warmUp(start);
    while (ratios.size() < RatioInterval.FEWEST || !(isGoodEnough() || isOver(start))) {
      block();
    }
    return new LatencyResult(
        spread(BASE),
        spread(PRUNED),
        RatioInterval.of(ratios),
        RatioInterval.of(controls),
        ratios.size(),
        warmUpRounds,
        warmUp,
        processorKnown && timedNanos > 0
            ? OptionalDouble.of(Math.min(1, (double) processorNanos / timedNanos))
            : OptionalDouble.empty(),
        secondsSince(start));
  }

  private boolean isGoodEnough() {
    return RatioInterval.of(ratios).halfWidth() <= settings.goal()
        && RatioInterval.of(controls).halfWidth() <= settings.goal();
  }

  private boolean isOver(long start) {
    return secondsSince(start) >= settings.seconds();
  }

  /** Runs until two windows of rounds agree for every network, or its share of the time is over. */
  private void warmUp(long start) {
    double[] before = null;
    try (Opened opened = open()) {
      while (secondsSince(start) < WARM_UP_SHARE * settings.seconds()) {
        List<Round> window = new ArrayList<>();
        for (int i = 0; i < WARM_UP_WINDOW; i++) {
          window.add(round(opened));
        }
        warmUpRounds += window.size();
        double[] now = medians(window);
        if (before != null && agree(before, now)) {
          warmUp = WarmUp.STABLE;
          return;
        }
        before = now;
      }
    }
  }

  private static boolean agree(double[] before, double[] now) {
    for (int i = 0; i < NETWORKS; i++) {
      if (Math.abs(now[i] - before[i]) > WARM_UP_AGREEMENT * before[i]) {
        return false;
      }
    }
    return true;
  }

  private void block() {
    List<Round> block = new ArrayList<>();
    try (Opened opened = open()) {
      for (int i = 0; i < WARM_UP_OF_A_BLOCK; i++) {
        round(opened);
      }
      long start = clock.nanos();
      OptionalLong processorBefore = clock.processorNanos();
      while (!isLongEnough(block, secondsSince(start))) {
        block.add(round(opened));
      }
      OptionalLong processorAfter = clock.processorNanos();
      if (processorBefore.isPresent() && processorAfter.isPresent()) {
        processorNanos += processorAfter.getAsLong() - processorBefore.getAsLong();
        timedNanos += clock.nanos() - start;
      } else {
        processorKnown = false;
      }
    }
    rounds.addAll(block);
    ratios.add(ratio(block, PRUNED));
    controls.add(ratio(block, CONTROL));
  }

  private boolean isLongEnough(List<Round> block, double seconds) {
    double wanted = Math.min(BLOCK_SECONDS, settings.seconds() / BLOCKS_THAT_FIT);
    return !block.isEmpty()
        && (seconds >= LONGEST_BLOCK_SECONDS
            || (block.size() >= FEWEST_ROUNDS
                && seconds >= wanted
                && (!processorKnown || isUndisturbed(block) || seconds >= PATIENCE * wanted)));
  }

  private static boolean isUndisturbed(List<Round> block) {
    for (int network = 0; network < NETWORKS; network++) {
      if (undisturbed(block, network).size() < FEWEST_ROUNDS) {
        return false;
      }
    }
    return true;
  }

  private static List<Double> undisturbed(List<Round> block, int network) {
    return block.stream()
        .filter(round -> round.undisturbed().get(network))
        .map(round -> round.nanos().get(network))
        .toList();
  }

  private static double ratio(List<Round> block, int network) {
    return isUndisturbed(block)
        ? RatioInterval.median(undisturbed(block, network))
            / RatioInterval.median(undisturbed(block, BASE))
        : RatioInterval.median(block.stream().map(round -> round.ratio(network)).toList());
  }

  /** Times one pass of each network, in random order. */
  private Round round(Opened opened) {
    Interruption.check("measuring latency");
    double[] nanos = new double[NETWORKS];
    BitSet undisturbed = new BitSet(NETWORKS);
    for (int network : order()) {
      long from = clock.nanos();
      OptionalLong processorBefore = clock.processorNanos();
      opened.passes[network].pass();
      OptionalLong processorAfter = clock.processorNanos();
      nanos[network] = Math.max(1, clock.nanos() - from);
      undisturbed.set(
          network,
          processorBefore.isPresent()
              && processorAfter.isPresent()
              && processorAfter.getAsLong() - processorBefore.getAsLong()
                  >= UNDISTURBED * nanos[network]);
    }
    return new Round(DoubleStream.of(nanos).boxed().toList(), undisturbed);
  }

  private int[] order() {
    int[] order = {BASE, CONTROL, PRUNED};
    random.shuffle(order);
    return order;
  }

  /** Opens the three in random order: who comes first has its pick of the memory. */
  private Opened open() {
    Opened opened = new Opened();
    try {
      for (int network : order()) {
        opened.passes[network] = sources[network].open();
      }
      return opened;
    } catch (RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  private double secondsSince(long start) {
    return (clock.nanos() - start) * 1e-9;
  }

  private Spread spread(int network) {
    return Spread.of(
        rounds.stream().mapToDouble(round -> round.nanos().get(network) * 1e-6).toArray());
  }

  private static double[] medians(List<Round> rounds) {
    double[] medians = new double[NETWORKS];
    Arrays.setAll(
        medians,
        network ->
            RatioInterval.median(
                rounds.stream().map(round -> round.nanos().get(network)).toList()));
    return medians;
  }

  /** The three networks of a block. */
  private static final class Opened implements AutoCloseable {
    private final Passes[] passes = new Passes[NETWORKS];

    @Override
    public void close() {
      for (Passes each : passes) {
        if (each != null) {
          each.close();
        }
      }
    }
  }
}
