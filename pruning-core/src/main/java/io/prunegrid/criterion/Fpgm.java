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
import io.prunegrid.runtime.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far a filter lies from all others of its bundle: the sum of Euclidean distances, small near
 * the geometric median, where a filter can be replaced (He et al. 2019, Filter Pruning via
 * Geometric Median). Filters that produce a class and columns of filters that read it count alike,
 * depthwise convolutions do not. Where a channel has several positions in a layer, each is a vector
 * and the channel's sums are added. Torch-Pruning takes distances of squared weights: {@code power
 * = 2}.
 */
final class Fpgm extends GroupCriterion {
  Fpgm() {
    super(
        "fpgm",
        2,
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
    double[][] scores = new double[channels.classes().size()][];
    Arrays.fill(scores, new double[] {Double.NaN});
    for (Bundle bundle : channels.bundles(SelectionConfig.defaults())) {
      List<ChannelClass> members = bundle.classes().stream().map(channels.classes()::get).toList();
      List<List<Site>> sites = members.stream().map(order::of).toList();
      int width = ClassReductions.channelsOf(members.get(0));
      List<List<double[]>> places = members.stream().map(member -> newPlaces()).toList();
      for (int place = 0; place < sites.get(0).size(); place++) {
        int at = place;
        Site first = sites.get(0).get(place);
        Node layer = layers.get(first.layer());
        if (counts(layer, first.side(), input)) {
          List<int[]> positions = sites.stream().map(own -> own.get(at).positions()).toList();
          List<double[]> sums = distances(layer, first.side(), positions, input);
          for (int i = 0; i < places.size(); i++) {
            places.get(i).add(PlaceScores.byChannel(sums.get(i), width));
          }
        }
      }
      for (int i = 0; i < places.size(); i++) {
        int producers = order.producers(members.get(i)).size();
        scores[members.get(i).id()] = reduction(input).of(places.get(i), width, producers);
      }
    }
    return new ClassScores(scores);
  }

  private static List<double[]> newPlaces() {
    return new ArrayList<>();
  }

  private static boolean counts(Node layer, Side side, ScoringInput input) {
    boolean wanted = side == Side.OUT || input.parameter("places").equals("all");
    return wanted
        && (layer.op() instanceof Op.Linear
            || (layer.op() instanceof Op.Conv2d conv && !conv.isDepthwise()));
  }

  /** By class and position, the distances to all positions of the bundle in a place. */
  private List<double[]> distances(
      Node layer, Side side, List<int[]> positions, ScoringInput input) {
    boolean squares = input.parameter("power").equals("2");
    int groups = layer.op() instanceof Op.Conv2d conv ? conv.groups() : 1;
    Tensor weight = input.model().weights().get(layer.parameterName("weight"));
    int[] all = positions.stream().flatMapToInt(Arrays::stream).toArray();
    double[] sums =
        input
            .requiredEngine(name())
            .distanceSums(new PlaceVectors(weight, side, groups, all, squares));
    List<double[]> byClass = new ArrayList<>();
    int at = 0;
    for (int[] own : positions) {
      byClass.add(Arrays.copyOfRange(sums, at, at + own.length));
      at += own.length;
    }
    for (double sum : sums) {
      Layers.requireFinite(sum, name(), "channels of " + layer.module());
    }
    return byClass;
  }

  /** The weights of each position in one place. */
  private static final class PlaceVectors implements Vectors {
    private final Tensor weight;
    private final Side side;
    private final int[] positions;
    private final boolean squares;
    private final int columns;
    private final int area;
    private final int filters;

    PlaceVectors(Tensor weight, Side side, int groups, int[] positions, boolean squares) {
      this.weight = weight;
      this.side = side;
      this.positions = positions;
      this.squares = squares;
      int rows = weight.shape().dim(0);
      this.columns = weight.shape().dim(1);
      this.area = weight.size() / rows / columns;
      this.filters = rows / groups;
    }

    @Override
    public int count() {
      return positions.length;
    }

    @Override
    public int length() {
      return area * (side == Side.OUT ? columns : filters);
    }

    @Override
    public double at(int vector, int index) {
      int position = positions[vector];
      double value =
          weight.at(side == Side.OUT ? position * columns * area + index : read(position, index));
      return squares ? value * value : value;
    }

    /** Where the weight lies with which some output of the position's group reads it. */
    private int read(int position, int index) {
      int row = position / columns * filters + index / area;
      return (row * columns + position % columns) * area + index % area;
    }
  }
}
