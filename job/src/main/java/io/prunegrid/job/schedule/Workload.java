package io.prunegrid.job.schedule;

import java.util.Arrays;
import java.util.List;

/**
 * What is to be done, as numbers: items 0 to size - 1, what each needs, which share what they load,
 * how long each should take. A few dozen bytes an item.
 */
public final class Workload {
  private static final int[] NOTHING = {};

  private final int size;
  private final int[] groups;
  private final float[] seconds;
  private final float[] limits;
  private final int[][] needs;

  private Workload(int size, int[] groups, float[] seconds, float[] limits, int[][] needs) {
    this.size = size;
    this.groups = groups;
    this.seconds = seconds;
    this.limits = limits;
    this.needs = needs;
  }

  /** How many items there are. */
  public int size() {
    return size;
  }

  /** The group of an item: items of a group are quicker one after the other on one executor. */
  public int group(int item) {
    return groups[item];
  }

  /** How long an item should take; only proportions matter, a run learns the rest. */
  public double seconds(int item) {
    return seconds[item];
  }

  /** Seconds after which an item is ended; 0: never. */
  public double limitSeconds(int item) {
    return limits[item];
  }

  /** Items that must have finished before this one begins. */
  int[] needs(int item) {
    return needs[item];
  }

  /** The needs of an item. */
  public List<Integer> needed(int item) {
    return Arrays.stream(needs[item]).boxed().toList();
  }

  /** Collects items. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects items; each gets the next number. */
  public static final class Builder {
    private int size;
    private int[] groups = new int[64];
    private float[] seconds = new float[64];
    private float[] limits = new float[64];
    private int[][] needs = new int[64][];

    private Builder() {}

    /**
     * Adds an item.
     *
     * @param group which other items share what it loads, at least 0
     * @param expectedSeconds how long it should take, above 0
     * @param limitSeconds when it is ended, in seconds; 0: never
     * @param needed items that must have finished first; they may be added later
     * @return its number
     */
    public int add(int group, double expectedSeconds, double limitSeconds, int... needed) {
      if (group < 0 || !(expectedSeconds > 0) || !(limitSeconds >= 0)) {
        throw new IllegalArgumentException(
            "a group must be at least 0, seconds above 0, a limit at least 0");
      }
      if (size == groups.length) {
        int room = size + size / 2;
        groups = Arrays.copyOf(groups, room);
        seconds = Arrays.copyOf(seconds, room);
        limits = Arrays.copyOf(limits, room);
        needs = Arrays.copyOf(needs, room);
      }
      groups[size] = group;
      seconds[size] = (float) expectedSeconds;
      limits[size] = (float) limitSeconds;
      needs[size] = needed.length == 0 ? NOTHING : Arrays.stream(needed).distinct().toArray();
      return size++;
    }

    /**
     * The workload.
     *
     * @throws IllegalArgumentException where an item needs one that is not there, or items need
     *     each other in a circle
     */
    public Workload build() {
      Workload built =
          new Workload(
              size,
              Arrays.copyOf(groups, size),
              Arrays.copyOf(seconds, size),
              Arrays.copyOf(limits, size),
              Arrays.copyOf(needs, size));
      Dependents.of(built).checkOrder();
      return built;
    }
  }
}
