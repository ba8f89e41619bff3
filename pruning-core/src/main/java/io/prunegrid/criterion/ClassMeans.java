package io.prunegrid.criterion;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.ChannelClass;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.Side;
import io.prunegrid.channel.Site;
import io.prunegrid.criterion.Scores.LayerScores;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/** From scores of layers to scores of classes of coupled channels. */
final class ClassMeans {
  private ClassMeans() {}

  /**
   * Each prunable class's mean over the layers that produce it: convolutions, depthwise ones too,
   * and linear layers. Where a class has several channels of one layer, their mean counts for the
   * layer.
   */
  static double[] over(LayerScores scores, CoupledChannels channels, SelectionConfig config) {
    return prunable(
        channels,
        config,
        id -> {
          double sum = 0;
          int layers = 0;
          for (Site site : channels.classes().get(id).sites()) {
            if (site.side() == Side.OUT && scores.contains(site.layer())) {
              sum += mean(scores.values(site.layer()), site.positions());
              layers++;
            }
          }
          return layers == 0 ? Double.NaN : sum / layers;
        });
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

  /** Each layer's scores divided by their root of squares; a layer of zeros stays as it is. */
  static LayerScores dividedByLength(LayerScores scores) {
    Map<String, double[]> divided = new LinkedHashMap<>();
    for (String layer : scores.layers()) {
      double[] values = scores.of(layer);
      double squares = 0;
      for (double value : values) {
        squares += value * value;
      }
      if (squares > 0) {
        double length = Math.sqrt(squares);
        for (int i = 0; i < values.length; i++) {
          values[i] /= length;
        }
      }
      divided.put(layer, values);
    }
    return new LayerScores(divided);
  }

  /** How many channels the class has in the first layer that produces it. */
  static int channelsOf(ChannelClass channelClass) {
    return channelClass.sites().stream()
        .filter(site -> site.side() == Side.OUT)
        .mapToInt(Site::count)
        .findFirst()
        .orElse(1);
  }

  private static double mean(double[] values, int[] positions) {
    double sum = 0;
    for (int position : positions) {
      sum += values[position];
    }
    return sum / positions.length;
  }
}
