package io.prunegrid.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.measure.LatencyResult.WarmUp;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Machines here are made up: a pass moves a clock, so every law can be tried on bad ones. */
class LatencyTest {
  private static final double MILLI = 1e6;

  /** A machine whose time goes by when networks pass. */
  private static final class Machine implements PassClock {
    private final SplitMix64 random;
    private final DoubleUnaryOperator slowdown;
    private final double noise;
    private final double layout;
    private double stay = Double.POSITIVE_INFINITY;
    private double absence;
    private double left = Double.POSITIVE_INFINITY;
    private double now;
    private double onProcessor;
    private int opened;
    private int open;

    /**
     * A machine.
     *
     * @param slowdown factor on every pass by the second in which it begins
     * @param noise relative deviation of passes
     * @param layout relative deviation between two openings of one network
     */
    Machine(long seed, DoubleUnaryOperator slowdown, double noise, double layout) {
      this.random = new SplitMix64(seed);
      this.slowdown = slowdown;
      this.noise = noise;
      this.layout = layout;
    }

    static Machine quiet(long seed) {
      return new Machine(seed, second -> 1, 0.01, 0.005);
    }

    /** A machine on which others have the processor whenever the thread has had it for a while. */
    static Machine shared(long seed, double millisOn, double millisOff) {
      Machine machine = new Machine(seed, second -> 1, 0.02, 0.01);
      machine.stay = millisOn * MILLI;
      machine.left = machine.stay;
      machine.absence = millisOff * MILLI;
      return machine;
    }

    private void work(double work, double wall) {
      now += wall;
      onProcessor += work;
      for (left -= work; left < 0; left += stay * (0.5 + random.nextDouble())) {
        now += absence * (0.5 + random.nextDouble());
      }
    }

    Passes.Source network(double millis) {
      return () -> {
        opened++;
        open++;
        double own = millis * Math.exp(layout * random.nextGaussian());
        return new Passes() {
          @Override
          public void pass() {
            double work = own * MILLI * Math.exp(noise * random.nextGaussian());
            work(work, work * slowdown.applyAsDouble(now * 1e-9));
          }

          @Override
          public void close() {
            open--;
          }
        };
      };
    }

    @Override
    public long nanos() {
      return (long) now;
    }

    @Override
    public OptionalLong processorNanos() {
      return OptionalLong.of((long) onProcessor);
    }

    LatencyResult compare(double base, double pruned, long seed) {
      return Latency.compare(
          network(base),
          network(pruned),
          new LatencySettings(LatencySettings.DEFAULT_SECONDS, LatencySettings.DEFAULT_GOAL, seed),
          this);
    }
  }

  @Test
  void onAQuietMachineTheRatioIsFoundInTheFewestBlocks() {
    LatencyResult result = Machine.quiet(1).compare(4, 3, 1);

    assertThat(result.ratio().estimate()).isCloseTo(0.75, within(0.01));
    assertThat(result.ratio().covers(0.75)).isTrue();
    assertThat(result.ratio().halfWidth()).isLessThan(0.03);
    assertThat(result.isVoid()).isFalse();
    assertThat(result.blocks()).isEqualTo(RatioInterval.FEWEST);
    assertThat(result.warmUp()).isEqualTo(WarmUp.STABLE);
    assertThat(result.base().median()).isCloseTo(4, within(0.1));
    assertThat(result.pruned().median()).isCloseTo(3, within(0.1));
    assertThat(result.onProcessor()).hasValueCloseTo(1.0, within(0.001));
  }

  @Test
  void theBaseAgainstItselfIsOneOnMachinesThatDriftAndStall() {
    int covered = 0;
    int voids = 0;
    for (int seed = 0; seed < 100; seed++) {
      SplitMix64 bursts = new SplitMix64(1000 + seed);
      Machine machine =
          new Machine(
              seed,
              // slower by the minute, and a third of the time shared with somebody else
              second ->
                  (1 + second / 60) * (bursts.nextDouble() < 0.33 ? 1 + bursts.nextDouble() : 1),
              0.02,
              0.01);
      LatencyResult result = machine.compare(2, 2, seed);
      covered += result.ratio().covers(1) ? 1 : 0;
      voids += result.isVoid() ? 1 : 0;
    }

    assertThat(covered).isGreaterThanOrEqualTo(95);
    assertThat(voids).isLessThanOrEqualTo(5);
  }

  @Test
  void twiceTheWorkMeasuresTwoWhereHalfOfAllPassesAreDisturbed() {
    for (int seed = 0; seed < 20; seed++) {
      SplitMix64 bursts = new SplitMix64(seed);
      Machine machine =
          new Machine(seed, second -> bursts.nextDouble() < 0.5 ? 1.5 : 1, 0.02, 0.01);

      assertThat(machine.compare(3, 6, seed).ratio().estimate()).isCloseTo(2, within(0.1));
    }
  }

  @Test
  void twiceTheWorkMeasuresTwoWhereTheThreadLosesItsProcessorAtShortIntervals() {
    for (int seed = 0; seed < 20; seed++) {
      Machine machine = Machine.shared(seed, 3, 6);

      assertThat(machine.compare(1, 2, seed).ratio().estimate()).isCloseTo(2, within(0.1));
    }
  }

  @Test
  void passesLongerThanAnyStayOnAProcessorAreComparedAllTheSame() {
    for (int seed = 0; seed < 20; seed++) {
      Machine machine = Machine.shared(seed, 3, 3);

      assertThat(machine.compare(30, 60, seed).ratio().estimate()).isCloseTo(2, within(0.1));
    }
  }

  @Test
  void whereMemoryMakesADifferenceTheIntervalIsThatWide() {
    Machine machine = new Machine(5, second -> 1, 0, 0.05);
    LatencyResult result = machine.compare(1, 1, 5);

    // without noise, one opening would claim to know the ratio exactly
    assertThat(result.ratio().halfWidth()).isGreaterThan(0.01);
    assertThat(result.blocks()).isGreaterThan(RatioInterval.FEWEST);
  }

  @Test
  void aWarmUpThatNeverSettlesEndsAtItsBound() {
    // every second is ten times as slow as the one before
    Machine machine = new Machine(3, second -> Math.pow(10, Math.min(6, second)), 0, 0);
    LatencyResult result = machine.compare(20, 20, 3);

    assertThat(result.warmUp()).isEqualTo(WarmUp.BOUNDED);
    assertThat(result.blocks()).isGreaterThanOrEqualTo(RatioInterval.FEWEST);
  }

  @Test
  void timeSpentWaitingForAProcessorShows() {
    Machine machine = new Machine(4, second -> 2, 0.01, 0);

    assertThat(machine.compare(1, 1, 4).onProcessor()).hasValueCloseTo(0.5, within(0.01));
  }

  @Test
  void everythingThatWasOpenedIsClosed() {
    Machine machine = Machine.quiet(6);
    machine.compare(1, 1, 6);

    assertThat(machine.opened).isEqualTo(3 * (RatioInterval.FEWEST + 1));
    assertThat(machine.open).isZero();
  }

  @Test
  void theSameMachineAndSeedGiveTheSameResult() {
    assertThat(Machine.quiet(7).compare(5, 4, 9)).isEqualTo(Machine.quiet(7).compare(5, 4, 9));
  }

  @Test
  void anInterruptedThreadStopsMeasuring() {
    Machine machine = Machine.quiet(8);
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> machine.compare(1, 1, 8)).isInstanceOf(CancellationException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(machine.open).isZero();
  }

  @Test
  void aMeasurementIsVoidExactlyWhereItsControlLeavesOne() {
    assertThat(withControl(new RatioInterval(1.01, 0.99, 1.02)).isVoid()).isFalse();
    assertThat(withControl(new RatioInterval(1.02, 1.01, 1.03)).isVoid()).isTrue();
    assertThat(withControl(new RatioInterval(0.98, 0.97, 0.99)).isVoid()).isTrue();
  }

  private static LatencyResult withControl(RatioInterval control) {
    LatencyResult measured = Machine.quiet(1).compare(1, 1, 1);
    return new LatencyResult(
        measured.base(),
        measured.pruned(),
        measured.ratio(),
        control,
        measured.blocks(),
        measured.warmUpRounds(),
        measured.warmUp(),
        measured.onProcessor(),
        measured.seconds());
  }
}
