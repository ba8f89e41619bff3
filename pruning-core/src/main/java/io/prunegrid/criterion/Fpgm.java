package io.prunegrid.criterion;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.ChannelClass;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.Side;
import io.prunegrid.channel.Site;
import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.Vectors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far a filter lies from all others of its bundle: the sum of Euclidean distances, small near
 * the geometric median, where a filter can be replaced (He et al. 2019, Filter Pruning via
 * Geometric Median). Filters that produce a class and columns of filters that read it count alike,
 * depthwise convolutions do not. A class that occupies several positions of a layer is one vector
 * of them all. Torch-Pruning takes distances of squared weights: {@code power = 2}.
 */
final class Fpgm extends GroupCriterion {
  Fpgm() {
    super(
        "fpgm",
        1,
        "distance of each filter to all others of its bundle; needs no data",
        Need.ENGINE);
    takes(
        new Choice(
            "power",
            "1",
            List.of("1", "2"),
            "distances of weights, or of their squares as the reference code has it"),
        new Choice(
            "places",
            "all",
            List.of("all", "filters"),
            "whether columns of filters that read a channel count, or only its own filters"));
    reduces("mean");
  }

  @Override
  public Scores score(ScoringInput input) {
    CoupledChannels channels = input.channels();
    PlaceOrder order = new PlaceOrder(channels.graph());
    Map<String, Node> layers = new HashMap<>();
    channels.graph().layers().forEach(layer -> layers.put(layer.module(), layer));
    double[] scores = new double[channels.classes().size()];
    Arrays.fill(scores, Double.NaN);
    Engine engine = input.requiredEngine(name());
    for (Bundle bundle : channels.bundles(SelectionConfig.defaults())) {
      List<ChannelClass> members = bundle.classes().stream().map(channels.classes()::get).toList();
      List<List<Site>> sites = members.stream().map(order::of).toList();
      double[][] places = new double[members.size()][0];
      for (int place = 0; place < sites.get(0).size(); place++) {
        Site first = sites.get(0).get(place);
        Node layer = layers.get(first.layer());
        if (counts(layer, first.side(), input)) {
          int at = place;
          List<int[]> positions = sites.stream().map(own -> own.get(at).positions()).toList();
          Tensor weight = input.model().weights().get(layer.parameterName("weight"));
          double[] sums = distances(engine, weight, layer, first.side(), positions, input);
          for (int i = 0; i < sums.length; i++) {
            places[i] = Arrays.copyOf(places[i], places[i].length + 1);
            places[i][places[i].length - 1] =
                Layers.requireFinite(sums[i], name(), "channels of " + first.layer());
          }
        }
      }
      for (int i = 0; i < places.length; i++) {
        ChannelClass member = members.get(i);
        scores[member.id()] = reduction(input).of(places[i], order.producers(member).size());
      }
    }
    return new ClassScores(scores);
  }

  private static boolean counts(Node layer, Side side, ScoringInput input) {
    boolean wanted = side == Side.OUT || input.parameter("places").equals("all");
    return wanted
        && (layer.op() instanceof Op.Linear
            || (layer.op() instanceof Op.Conv2d conv && !conv.isDepthwise()));
  }

  private static double[] distances(
      Engine engine,
      Tensor weight,
      Node layer,
      Side side,
      List<int[]> positions,
      ScoringInput input) {
    boolean squares = input.parameter("power").equals("2");
    int groups = layer.op() instanceof Op.Conv2d conv ? conv.groups() : 1;
    PlaceVectors vectors = new PlaceVectors(weight, side, groups, positions, squares);
    int n = vectors.count();
    double[] products = engine.innerProducts(vectors);
    double[] sums = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double square = products[i * n + i] + products[j * n + j] - 2 * products[i * n + j];
        sums[i] += i == j ? 0 : Math.sqrt(Math.max(0, square));
      }
    }
    return sums;
  }

  /** The weights of each class in one place. */
  private record PlaceVectors(
      Tensor weight, Side side, int groups, List<int[]> positions, boolean squares)
      implements Vectors {
    @Override
    public int count() {
      return positions.size();
    }

    @Override
    public int length() {
      return positions.get(0).length * perPosition();
    }

    private int perPosition() {
      int rows = weight.shape().dim(0);
      return side == Side.OUT
          ? weight.size() / rows
          : rows / groups * (weight.size() / rows / weight.shape().dim(1));
    }

    @Override
    public double at(int vector, int index) {
      int each = perPosition();
      int position = positions.get(vector)[index / each];
      double value =
          weight.at(
              side == Side.OUT ? position * each + index % each : read(position, index % each));
      return squares ? value * value : value;
    }

    /** Where the weight lies with which some output reads an input position. */
    private int read(int position, int index) {
      int columns = weight.shape().dim(1);
      int rows = weight.shape().dim(0);
      int area = weight.size() / rows / columns;
      int row = position / columns * (rows / groups) + index / area;
      return (row * columns + position % columns) * area + index % area;
    }
  }
}
