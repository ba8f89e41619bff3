package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.criterion.HighestRanks.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ranks are places in a list that is sorted without changing the order of equals. */
class HighestRanksTest {
  @Test
  void equalsKeepTheirOrder() {
    List<List<Integer>> teams = List.of(List.of(0, 2, 4, 6, 8, 9), List.of(1, 3, 5), List.of(7));
    SplitMix64 stream = SplitMix64.stream(1, "values");
    HighestRanks ranks = new HighestRanks(teams, 11, Memory.COUNTS);
    double[] highest = new double[11];
    int[][] counts = new int[11][6];
    for (int race = 0; race < 200; race++) {
      double[] values = IntStream.range(0, 11).mapToDouble(i -> stream.nextInt(4)).toArray();
      ranks.add(values);
      for (List<Integer> team : teams) {
        List<Integer> sorted = new ArrayList<>(team);
        sorted.sort(Comparator.comparingDouble(member -> values[member]));
        for (int rank = 0; rank < sorted.size(); rank++) {
          int member = sorted.get(rank);
          highest[member] = Math.max(highest[member], rank + 1);
          counts[member][rank]++;
        }
      }
    }
    highest[10] = Double.NaN;
    assertThat(ranks.highest()).containsExactly(highest);
    for (List<Integer> team : teams) {
      for (int member : team) {
        assertThat(ranks.counts()[member])
            .containsExactly(Arrays.copyOf(counts[member], team.size()));
      }
    }
  }
}
