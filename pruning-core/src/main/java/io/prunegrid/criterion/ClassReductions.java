package io.prunegrid.criterion;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.ChannelClass;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.Side;
import io.prunegrid.channel.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/** From scores of layers to scores of classes of coupled channels. */
final class ClassReductions {
  private ClassReductions() {}

  /**
   * Each prunable class's reduction over the layers that produce it, ordered by {@link PlaceOrder}.
   * Where a class has several channels of one layer, their mean counts for the layer.
   *
   * @param layers scores by layer, one a channel
   */
  static double[] over(Map<String, double[]> layers, Ranking ranking, Reduction reduction) {
    PlaceOrder order = new PlaceOrder(ranking.channels().graph());
    return prunable(
        ranking.channels(),
        ranking.config(),
        id -> over(layers, order.producers(ranking.channels().classes().get(id)), reduction));
  }

  /** One class's reduction over the layers that produce it. */
  static double over(Map<String, double[]> layers, List<Site> producers, Reduction reduction) {
    List<Double> values = new ArrayList<>();
    for (Site site : producers) {
      if (layers.containsKey(site.layer())) {
        values.add(mean(layers.get(site.layer()), site.positions()));
      }
    }
    double[] each = values.stream().mapToDouble(Double::doubleValue).toArray();
    return reduction.of(each, each.length);
  }

  /** A number for each class that can go, NaN for all others. */
  static double[] prunable(
      CoupledChannels channels, SelectionConfig config, IntToDoubleFunction score) {
    double[] values = new double[channels.classes().size()];
    Arrays.fill(values, Double.NaN);
    for (Bundle bundle : channels.bundles(config)) {
      for (int id : bundle.classes()) {
        values[id] = score.applyAsDouble(id);
      }
    }
    return values;
  }

  /**
   * One score for each class, NaN for classes that cannot go: channels are normalized within each
   * bundle, then the mean over a class's channels counts.
   */
  static double[] normalized(double[][] classes, Ranking ranking, Normalizer normalizer) {
    double[] values = new double[classes.length];
    Arrays.fill(values, Double.NaN);
    for (Bundle bundle : ranking.channels().bundles(ranking.config())) {
      double[] own = normalizer.apply(channels(bundle, classes));
      int at = 0;
      for (int id : bundle.classes()) {
        int end = at + classes[id].length;
        values[id] = Sums.of(own, at, end) / classes[id].length;
        at = end;
      }
    }
    return values;
  }

  /** The scores of all channels of a bundle's classes. */
  private static double[] channels(Bundle bundle, double[][] classes) {
    int count = 0;
    for (int id : bundle.classes()) {
      count += classes[id].length;
    }
    double[] channels = new double[count];
    int at = 0;
    for (int id : bundle.classes()) {
      System.arraycopy(classes[id], 0, channels, at, classes[id].length);
      at += classes[id].length;
    }
    return channels;
  }

  /** How many channels the class has in the first layer that produces it. */
  static int channelsOf(ChannelClass channelClass) {
    for (Site site : channelClass.sites()) {
      if (site.side() == Side.OUT) {
        return site.count();
      }
    }
    return 1;
  }

  private static double mean(double[] values, int[] positions) {
    double sum = 0;
    for (int position : positions) {
      sum += values[position];
    }
    return sum / positions.length;
  }
}
