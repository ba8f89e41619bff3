package io.prunegrid.criterion;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.ChannelClass;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Side;
import io.prunegrid.channel.Site;
import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.criterion.Parameter.Decimal;
import io.prunegrid.criterion.Parameter.Numbers;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.graph.Filters;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Tensor;
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
 * and the channel's sums are added. One that is alone in its bundle has its distance to nothing,
 * its norm, which a mean over the bundle makes 1. Torch-Pruning takes distances of squared weights:
 * {@code power = 2}. The paper's own code goes layer by layer and may take filters of small norm
 * first: {@code places = layers} and {@code norm-share}.
 */
final class Fpgm extends GroupCriterion {
  private static final String PLACES = "places";
  private static final String LAYERS = "layers";
  private static final String NORM_SHARE = "norm-share";

  Fpgm() {
    super(
        "fpgm",
        3,
        "distance of each filter to all others of its bundle; needs no data",
        Need.ENGINE);
    takes(
        new Choice(
            "power",
            "1",
            List.of("1", "2"),
            "distances of weights, or of their squares as the reference code has it"),
        new Choice(
            PLACES,
            "all",
            List.of("all", "filters", LAYERS),
            "all: its own filters and columns of filters that read it; filters: only its own; both"
                + " against those of its bundle; layers: its own filters against all others of"
                + " each layer, as the paper's code"),
        new Decimal(
            NORM_SHARE,
            "0",
            0,
            1,
            Numbers.ALL,
            "of each layer so large a share of filters, those of the least norm, goes before any"
                + " other, and distances are among the rest; with places = layers"));
    reduces("mean");
  }

  @Override
  public List<Refusal> contradictions(Map<String, String> resolved) {
    boolean shared = !resolved.getOrDefault(NORM_SHARE, "0").equals("0");
    String places = resolved.getOrDefault(PLACES, LAYERS);
    return shared && !places.equals(LAYERS)
        ? List.of(
            new Refusal(
                List.of(NORM_SHARE, PLACES),
                "norm-share is of each layer by itself, but places is '"
                    + places
                    + "'; allowed: layers"))
        : List.of();
  }

  @Override
  public Scores score(ScoringInput input) {
    return input.parameter(PLACES).equals(LAYERS) ? byLayer(input) : byBundle(input);
  }

  /**
   * Each layer's filters by themselves; a class gets the reduction over the layers it is made in.
   */
  private Scores byLayer(ScoringInput input) {
    double share = Double.parseDouble(input.parameter(NORM_SHARE));
    PlaceScores places = new PlaceScores(name());
    for (Node layer : Layers.producers(input.model().graph())) {
      if (!Filters.areDepthwise(layer.op())) {
        places.addOut(layer.module(), new LayerDistances(input, layer, name()).scores(share));
      }
    }
    return places.reduced(input.channels(), reduction(input));
  }

  private Scores byBundle(ScoringInput input) {
    CoupledChannels channels = input.channels();
    PlaceOrder order = new PlaceOrder(channels.graph());
    Map<String, Node> layers = new HashMap<>();
    channels.graph().layers().forEach(layer -> layers.put(layer.module(), layer));
    double[][] scores = new double[channels.classes().size()][];
    Arrays.fill(scores, new double[] {Double.NaN});
    for (Bundle bundle : channels.bundles()) {
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
    boolean wanted = side == Side.OUT || input.parameter(PLACES).equals("all");
    return wanted && Layers.isProducer(layer.op()) && !Filters.areDepthwise(layer.op());
  }

  /** By class and position, the distances to all positions of the bundle in a place. */
  private List<double[]> distances(
      Node layer, Side side, List<int[]> positions, ScoringInput input) {
    boolean squares = input.parameter("power").equals("2");
    Tensor weight = input.model().weights().get(layer.parameterName("weight"));
    Filters filters = Filters.of(layer.op(), weight.shape());
    int[] all = positions.stream().flatMapToInt(Arrays::stream).toArray();
    PlaceVectors vectors = new PlaceVectors(weight, filters, side, all, squares);
    double[] sums =
        vectors.count() == 1
            ? new double[] {vectors.norm(0)}
            : input.requiredEngine(name()).distanceSums(vectors);
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
}
