package io.prunegrid.testing;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.criterion.Scores.RankScores;
import java.util.ArrayList;
import java.util.List;

/** How often each class of a bundle had each rank over a few images, drawn by chance. */
public final class Races {
  private static final int IMAGES = 5;

  private Races() {}

  /** The same for the same seed. */
  public static RankScores run(CoupledChannels channels, int seed) {
    SplitMix64 stream = SplitMix64.stream(seed, "races");
    int[][] counts = new int[channels.classes().size()][0];
    for (Bundle bundle : channels.bundles(SelectionConfig.defaults())) {
      int size = bundle.classes().size();
      bundle.classes().forEach(id -> counts[id] = new int[size]);
      for (int image = 0; image < IMAGES; image++) {
        List<Integer> order = new ArrayList<>(bundle.classes());
        for (int rank = 0; rank < size; rank++) {
          counts[order.remove(stream.nextInt(order.size()))][rank]++;
        }
      }
    }
    return new RankScores(counts);
  }
}
