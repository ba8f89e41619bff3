package io.prunegrid.criterion;

import java.util.Arrays;
import java.util.Comparator;
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
      Integer[] order = Arrays.stream(team).boxed().toArray(Integer[]::new);
      Arrays.sort(order, Comparator.comparingDouble(member -> values[member]));
      for (int rank = 1; rank <= order.length; rank++) {
        int member = order[rank - 1];
        highest[member] = Math.max(highest[member], rank);
        if (counts != null) {
          counts[member][rank - 1]++;
        }
      }
    }
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
