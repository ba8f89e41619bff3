package io.prunegrid.criterion;

import io.prunegrid.channel.ChannelClass;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Side;
import io.prunegrid.channel.Site;
import io.prunegrid.criterion.Scores.ClassScores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a criterion found in each place where channels live, to be reduced to one number for each
 * class: by output channel of a layer, several times where biases count, and by input channel.
 */
final class PlaceScores {
  private final String criterion;
  private final Map<String, List<double[]>> out = new HashMap<>();
  private final Map<String, double[]> in = new HashMap<>();

  PlaceScores(String criterion) {
    this.criterion = criterion;
  }

  /** Adds a place that output channels of a layer have. */
  void addOut(String layer, double[] scores) {
    out.computeIfAbsent(layer, name -> new ArrayList<>()).add(scores);
  }

  /**
   * Adds the place that input channels of a layer have.
   *
   * @param scores by input position; those of one group where groups read alike
   */
  void addIn(String layer, double[] scores) {
    in.put(layer, scores);
  }

  /**
   * Scores for each class, pinned ones too: where a channel has several positions in a place, they
   * are added, then places are reduced. NaN where no place has a score.
   */
  ClassScores reduced(CoupledChannels channels, Reduction reduction) {
    PlaceOrder order = new PlaceOrder(channels.graph());
    double[][] scores = new double[channels.classes().size()][];
    for (ChannelClass each : channels.classes()) {
      int width = ClassReductions.channelsOf(each);
      List<double[]> values = new ArrayList<>();
      for (Site site : order.of(each)) {
        for (double[] totals : places(site)) {
          double[] own =
              Arrays.stream(site.positions()).mapToDouble(i -> totals[i % totals.length]).toArray();
          double[] sums = byChannel(own, width);
          for (double sum : sums) {
            Layers.requireFinite(sum, criterion, "channels of " + site.layer());
          }
          values.add(sums);
        }
      }
      scores[each.id()] = reduction.of(values, width, order.producers(each).size());
    }
    return new ClassScores(scores);
  }

  /**
   * Adds up what each of a class's channels has in one place. Where a place has some channels only,
   * all get the same share.
   *
   * @param positions in ascending order: the first channel's, then the second's, ...
   */
  static double[] byChannel(double[] positions, int width) {
    double[] sums = new double[width];
    boolean even = positions.length % width == 0;
    for (int i = 0; i < positions.length; i++) {
      if (even) {
        sums[i / (positions.length / width)] += positions[i];
      } else {
        for (int channel = 0; channel < width; channel++) {
          sums[channel] += positions[i] / width;
        }
      }
    }
    return sums;
  }

  private List<double[]> places(Site site) {
    if (site.side() == Side.OUT) {
      return out.getOrDefault(site.layer(), List.of());
    }
    return in.containsKey(site.layer()) ? List.of(in.get(site.layer())) : List.of();
  }
}
