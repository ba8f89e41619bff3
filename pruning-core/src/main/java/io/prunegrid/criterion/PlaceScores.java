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
import java.util.function.IntToDoubleFunction;

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
    Scored[] known = new Scored[channels.classes().size()];
    double[][] scores = new double[known.length][];
    for (ChannelClass each : channels.classes()) {
      int first = channels.alike(each.id());
      if (known[first] == null) {
        known[first] = scored(order, each);
      }
      scores[each.id()] = reduced(each, known[first], reduction);
    }
    return new ClassScores(scores);
  }

  /**
   * Where classes have scores that occupy the same sides of the same layers.
   *
   * @param sites numbers of a class's sites, in the order of the places
   * @param totals by position, one for each of these
   * @param producers how many layers produce the classes
   */
  private record Scored(List<Integer> sites, List<double[]> totals, int producers) {}

  private Scored scored(PlaceOrder order, ChannelClass first) {
    List<Integer> sites = new ArrayList<>();
    List<double[]> totals = new ArrayList<>();
    for (Site site : order.of(first)) {
      for (double[] place : places(site)) {
        sites.add(first.sites().indexOf(site));
        totals.add(place);
      }
    }
    return new Scored(sites, totals, order.producers(first).size());
  }

  private double[] reduced(ChannelClass each, Scored scored, Reduction reduction) {
    double[] reduced = new double[ClassReductions.channelsOf(each)];
    double[] scores = new double[scored.sites.size()];
    for (int channel = 0; channel < reduced.length; channel++) {
      for (int place = 0; place < scores.length; place++) {
        Site site = each.sites().get(scored.sites.get(place));
        double[] totals = scored.totals.get(place);
        scores[place] =
            channel(
                i -> totals[site.position(i) % totals.length],
                site.count(),
                channel,
                reduced.length);
        if (!Double.isFinite(scores[place])) {
          Layers.requireFinite(scores[place], criterion, "channels of " + site.layer());
        }
      }
      reduced[channel] = reduction.of(scores, scored.producers);
    }
    return reduced;
  }

  /**
   * Adds up what each of a class's channels has in one place. Where a place has some channels only,
   * all get the same share.
   *
   * @param positions in ascending order: the first channel's, then the second's, ...
   */
  static double[] byChannel(double[] positions, int width) {
    double[] sums = new double[width];
    Arrays.setAll(sums, channel -> channel(i -> positions[i], positions.length, channel, width));
    return sums;
  }

  private static double channel(IntToDoubleFunction positions, int count, int channel, int width) {
    double sum = 0;
    if (count % width == 0) {
      int each = count / width;
      for (int i = channel * each; i < (channel + 1) * each; i++) {
        sum += positions.applyAsDouble(i);
      }
    } else {
      for (int i = 0; i < count; i++) {
        sum += positions.applyAsDouble(i) / width;
      }
    }
    return sum;
  }

  private List<double[]> places(Site site) {
    if (site.side() == Side.OUT) {
      return out.getOrDefault(site.layer(), List.of());
    }
    return in.containsKey(site.layer()) ? List.of(in.get(site.layer())) : List.of();
  }
}
