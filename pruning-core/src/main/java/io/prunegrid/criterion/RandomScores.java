package io.prunegrid.criterion;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.criterion.Scores.ClassScores;
import java.util.Set;

/**
 * A uniform number in [0, 1) for each class of coupled channels, in id order, from the seed's
 * stream {@code method}: the baseline that any criterion must beat.
 */
final class RandomScores implements Criterion {
  @Override
  public String name() {
    return "random";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public String summary() {
    return "chance; another seed, another selection";
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.SEED);
  }

  @Override
  public Scores score(ScoringInput input) {
    SplitMix64 random = SplitMix64.stream(input.seed(), "method");
    double[] values = new double[input.channels().classes().size()];
    for (int id = 0; id < values.length; id++) {
      values[id] = random.nextDouble();
    }
    return new ClassScores(values);
  }

  @Override
  public double[] classScores(Scores scores, CoupledChannels channels, SelectionConfig config) {
    double[] values = ((ClassScores) scores).toArray();
    return ClassMeans.prunable(channels, config, id -> values[id]);
  }
}
