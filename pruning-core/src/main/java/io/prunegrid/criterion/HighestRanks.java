package io.prunegrid.criterion;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where the members of some teams came in many races: in each race a team's members are ranked
 * among themselves from the lowest value, rank 1, up; among equals the earlier member comes first.
 */
final class HighestRanks {
  private final List<int[]> teams;
  private final int[] highest;
  private final int[][] counts;

  /** What is remembered of each member. */
  enum Memory {
    HIGHEST,
    /** How often it had each rank; room for the square of each team's size. */
    COUNTS
  }

  /**
   * Starts without races.
   *
   * @param teams members of each team, every number in at most one team
   * @param members one more than the largest number
   */
  HighestRanks(List<List<Integer>> teams, int members, Memory memory) {
    this.teams = teams.stream().map(t -> t.stream().mapToInt(Integer::intValue).toArray()).toList();
    this.highest = new int[members];
    this.counts = memory == Memory.COUNTS ? new int[members][0] : null;
    if (counts != null) {
      for (int[] team : this.teams) {
        for (int member : team) {
          counts[member] = new int[team.length];
        }
      }
    }
  }

  /**
   * Takes in a race.
   *
   * @param values by member
   */
  void add(double[] values) {
    for (int[] team : teams) {
      double[] sorted = new double[team.length];
      for (int i = 0; i < team.length; i++) {
        sorted[i] = values[team[i]];
      }
      Arrays.sort(sorted);
      int[] ranked = new int[team.length];
      for (int member : team) {
        int lower = lower(sorted, values[member]);
        int rank = lower + ranked[lower]++;
        highest[member] = Math.max(highest[member], rank + 1);
        if (counts != null) {
          counts[member][rank]++;
        }
      }
    }
  }

  /** How many values come before this one, which is among them. */
  private static int lower(double[] sorted, double value) {
    int from = 0;
    int to = sorted.length - 1;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (Double.compare(sorted[middle], value) < 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  /** Each member's highest rank, NaN for those in no team. */
  double[] highest() {
    return IntStream.of(highest).mapToDouble(rank -> rank == 0 ? Double.NaN : rank).toArray();
  }

  /** By member, in how many races it had rank 1, 2, ...; empty for those in no team. */
  int[][] counts() {
    return counts;
  }
}
