package io.prunegrid.criterion;

import io.prunegrid.channel.ChannelClass;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Side;
import io.prunegrid.channel.Site;
import io.prunegrid.criterion.Scores.ClassScores;
import java.util.ArrayList;
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
   * One number for each class, pinned ones too: a place's scores over the class's positions are
   * added, or averaged over the channels of groups that must stay equal, then places are reduced.
   * NaN where no place has a score.
   */
  ClassScores reduced(CoupledChannels channels, Reduction reduction) {
    PlaceOrder order = new PlaceOrder(channels.graph());
    double[] scores = new double[channels.classes().size()];
    for (ChannelClass each : channels.classes()) {
      int width = ClassReductions.channelsOf(each);
      List<Double> values = new ArrayList<>();
      for (Site site : order.of(each)) {
        for (double[] totals : places(site)) {
          double sum = 0;
          for (int position : site.positions()) {
            sum += totals[position % totals.length];
          }
          values.add(Layers.requireFinite(sum, criterion, "channels of " + site.layer()) / width);
        }
      }
      double[] own = values.stream().mapToDouble(Double::doubleValue).toArray();
      scores[each.id()] = reduction.of(own, order.producers(each).size());
    }
    return new ClassScores(scores);
  }

  private List<double[]> places(Site site) {
    if (site.side() == Side.OUT) {
      return out.getOrDefault(site.layer(), List.of());
    }
    return in.containsKey(site.layer()) ? List.of(in.get(site.layer())) : List.of();
  }
}
