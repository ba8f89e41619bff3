package io.prunegrid.job.schedule;

import io.prunegrid.common.SplitMix64;
import java.util.ArrayList;
import java.util.List;

/**
 * Work for a simulated grid, and what will go wrong with it: bases, scores and cells as a sweep has
 * them, estimates that are off by up to a third, cells with a fate of their own.
 */
public final class Scenario {
  private static final int CELLS_OF_A_SCORE = 100;
  private static final int SCORES_OF_A_BASE = 5;
  private static final double CELL_SECONDS = 10;
  private static final double SCORE_SECONDS = 5;
  private static final double BASE_SECONDS = 20;
  private static final double LIMIT_SECONDS = 120;

  private final Workload work;
  private final float[] seconds;
  private final Fate[] fates;
  private final int cells;

  /** What becomes of an item wherever it runs. */
  public enum Fate {
    FINISHES,
    /** It throws. */
    THROWS,
    /** It takes its process down. */
    KILLS,
    /** It never ends, and no interruption reaches it. */
    HANGS
  }

  private Scenario(Workload work, float[] seconds, Fate[] fates, int cells) {
    this.work = work;
    this.seconds = seconds;
    this.fates = fates;
    this.cells = cells;
  }

  /** So many cells and what they share; a base in three is there already. */
  public static Scenario of(int cells, int poisonous, long seed) {
    SplitMix64 random = SplitMix64.stream(seed, "scenario");
    Workload.Builder work = Workload.builder();
    List<Float> seconds = new ArrayList<>();
    int group = 0;
    int base = -1;
    int baseGroup = -1;
    int score = -1;
    for (int cell = 0; cell < cells; cell++) {
      if (cell % (CELLS_OF_A_SCORE * SCORES_OF_A_BASE) == 0) {
        boolean trained = random.nextInt(3) > 0;
        base = trained ? add(work, seconds, random, group++, BASE_SECONDS, 0) : -1;
        baseGroup = group++;
      }
      if (cell % CELLS_OF_A_SCORE == 0) {
        score =
            base < 0
                ? add(work, seconds, random, baseGroup, SCORE_SECONDS, 0)
                : add(work, seconds, random, baseGroup, SCORE_SECONDS, 0, base);
        group++;
      }
      add(work, seconds, random, group, CELL_SECONDS, LIMIT_SECONDS, score);
    }
    float[] all = new float[seconds.size()];
    Fate[] fates = new Fate[seconds.size()];
    java.util.Arrays.fill(fates, Fate.FINISHES);
    for (int item = 0; item < all.length; item++) {
      all[item] = seconds.get(item);
    }
    Workload built = work.build();
    Fate[] bad = {Fate.THROWS, Fate.KILLS, Fate.HANGS};
    for (int i = 0; i < poisonous; i++) {
      int item = random.nextInt(all.length);
      if (built.limitSeconds(item) > 0) {
        fates[item] = bad[i % bad.length];
      }
    }
    return new Scenario(built, all, fates, cells);
  }

  private static int add(
      Workload.Builder work,
      List<Float> seconds,
      SplitMix64 random,
      int group,
      double mean,
      double limit,
      int... needs) {
    double taken = mean * (0.5 + random.nextDouble());
    seconds.add((float) taken);
    double guess = taken * (2.0 / 3 + 2.0 / 3 * random.nextDouble());
    return work.add(group, guess, limit, needs);
  }

  /** What is to be done. */
  public Workload work() {
    return work;
  }

  /** How many of the items are cells. */
  public int cells() {
    return cells;
  }

  double seconds(int item) {
    return seconds[item];
  }

  Fate fate(int item) {
    return fates[item];
  }
}
