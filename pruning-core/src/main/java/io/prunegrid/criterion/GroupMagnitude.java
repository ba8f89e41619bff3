package io.prunegrid.criterion;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.ChannelClass;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.Side;
import io.prunegrid.channel.Site;
import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Group magnitude importance as Torch-Pruning computes it (Fang et al. 2023, DepGraph): for a class
 * of coupled channels, the sum of {@code |w|^p} (no root) over each place where it lives, averaged
 * over the places, then divided by the mean over its bundle.
 *
 * <p>Places are filters that produce the class, the columns of filters that read it, and scales of
 * batch norms; depthwise convolutions and biases do not count. A layer behind a flatten reads a
 * channel in several columns, which are added. The columns of a grouped convolution are summed over
 * all its filters. Where a class has several channels of a layer, because groups must stay equal,
 * their mean counts.
 */
final class GroupMagnitude implements Criterion {
  @Override
  public String name() {
    return "group-magnitude";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public String summary() {
    return "sum of |w|^p over all that a class of coupled channels owns; needs no data";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Choice("p", "2", List.of("1", "2"), "the power of each weight's size"));
  }

  /** The mean over places of each class, pinned ones too, before its bundle is known. */
  @Override
  public Scores score(ScoringInput input) {
    Power power = Power.of(input.parameter("p"));
    Map<String, Place> places = new HashMap<>();
    for (Node layer : input.model().graph().layers()) {
      places.put(layer.module(), Place.of(input.model(), layer, power));
    }
    List<ChannelClass> classes = input.channels().classes();
    double[] scores = new double[classes.size()];
    for (ChannelClass channels : classes) {
      scores[channels.id()] = mean(channels, places);
    }
    return new ClassScores(scores);
  }

  private double mean(ChannelClass channels, Map<String, Place> places) {
    int width = ClassMeans.channelsOf(channels);
    double sum = 0;
    int items = 0;
    for (Site site : channels.sites()) {
      Place place = places.get(site.layer());
      double[] totals = site.side() == Side.OUT ? place.out : place.in;
      if (totals.length == 0) {
        continue;
      }
      double item = 0;
      for (int position : site.positions()) {
        item += totals[position % totals.length];
      }
      sum += Layers.requireFinite(item, name(), "channels of " + site.layer()) / width;
      items++;
    }
    return items == 0 ? Double.NaN : sum / items;
  }

  @Override
  public double[] classScores(Scores scores, CoupledChannels channels, SelectionConfig config) {
    double[] means = ((ClassScores) scores).toArray();
    double[] normalized = ClassMeans.prunable(channels, config, id -> means[id]);
    for (Bundle bundle : channels.bundles(config)) {
      double sum = 0;
      int scored = 0;
      for (int id : bundle.classes()) {
        if (!Double.isNaN(means[id])) {
          sum += means[id];
          scored++;
        }
      }
      if (sum > 0) {
        double mean = sum / scored;
        bundle.classes().forEach(id -> normalized[id] /= mean);
      }
    }
    return normalized;
  }

  /** Sums of {@code |w|^p} of one layer, by output channel and by input channel of a group. */
  private static final class Place {
    private static final double[] NOTHING = {};

    private final double[] out;
    private final double[] in;

    private Place(double[] out, double[] in) {
      this.out = out;
      this.in = in;
    }

    static Place of(Model model, Node layer, Power power) {
      Op op = layer.op();
      boolean scored = !(op instanceof Op.Conv2d conv && conv.isDepthwise());
      if (!scored) {
        return new Place(NOTHING, NOTHING);
      }
      Tensor weight = model.weights().get(layer.parameterName("weight"));
      double[] out = new double[weight.shape().dim(0)];
      double[] in = Layers.isProducer(op) ? new double[weight.shape().dim(1)] : NOTHING;
      int columns = Math.max(1, in.length);
      int area = weight.size() / (out.length * columns);
      int at = 0;
      for (int row = 0; row < out.length; row++) {
        for (int column = 0; column < columns; column++) {
          for (int i = 0; i < area; i++) {
            float value = weight.at(at++);
            out[row] = power.add(out[row], value);
            if (in.length > 0) {
              in[column] = power.add(in[column], value);
            }
          }
        }
      }
      return new Place(out, in);
    }
  }
}
