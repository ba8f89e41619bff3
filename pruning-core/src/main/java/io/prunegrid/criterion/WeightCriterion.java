package io.prunegrid.criterion;

import io.prunegrid.channel.Block;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.criterion.Parameter.Decimal;
import io.prunegrid.criterion.Parameter.Numbers;
import io.prunegrid.criterion.Parameter.Several;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A criterion that scores weights, singly or in blocks, and masks them instead of removing
 * channels. Scores may be normalized tensor by tensor, and what would go may be spared by chance.
 */
abstract class WeightCriterion extends Described {
  private static final String PARTS = "parts";
  static final String CHANCE = "p-bern";

  WeightCriterion(String name, int version, String summary, Need... needs) {
    super(name, version, summary, needs);
  }

  /**
   * Lets people choose what is ranked, how tensors are compared, and how much is left to chance.
   */
  final void takesWeights() {
    takesParts();
    takesRanking();
  }

  /** Lets people choose what is ranked. */
  final void takesParts() {
    takes(
        new Several(
            PARTS,
            "weight",
            List.of("weight", "bias", "norm"),
            "which tensors are ranked: weights of layers, their biases, scales and shifts of"
                + " normalizations"));
  }

  /** Lets people choose how tensors are compared, and how much is left to chance. */
  final void takesRanking() {
    takes(
        Normalizer.parameter("none", "a tensor's scores"),
        new Decimal(
            CHANCE,
            "1",
            0,
            Math.nextUp(1.0),
            Numbers.ALL,
            "probability with which what the ratio selects does go; the ratio is p-prune"));
  }

  @Override
  public final Unit unit() {
    return Unit.WEIGHTS;
  }

  @Override
  public boolean draws(Map<String, String> parameters) {
    return needs().contains(Need.SEED) || chance(parameters) < 1;
  }

  /** Probability with which a selected weight does go, where that is drawn while scoring. */
  double chance(Map<String, String> parameters) {
    return Double.parseDouble(parameters.getOrDefault(CHANCE, "1"));
  }

  @Override
  public final double[] classScores(Scores scores, Ranking ranking) {
    throw new IllegalStateException(name() + " ranks weights, not channels");
  }

  /** Where weights are. */
  record Place(Node layer, ParameterSpec spec) {
    String name() {
      return layer.parameterName(spec);
    }
  }

  /** What is ranked under these parameters, in topological order. */
  List<Place> places(ModelGraph graph, Map<String, String> parameters) {
    List<String> parts = List.of(parameters.getOrDefault(PARTS, "weight").split(",", -1));
    List<Place> places = new ArrayList<>();
    for (Node layer : graph.layers()) {
      for (ParameterSpec spec : layer.op().parameters()) {
        if (parts.contains(part(spec.role()))) {
          places.add(new Place(layer, spec));
        }
      }
    }
    return places;
  }

  private static String part(ParameterSpec.Role role) {
    return switch (role) {
      case WEIGHT -> "weight";
      case BIAS -> "bias";
      case NORM_WEIGHT, NORM_BIAS -> "norm";
      case RUNNING_MEAN, RUNNING_VARIANCE, EMBEDDING, LAYER_SCALE -> "";
    };
  }

  @Override
  public final Map<String, Block> ranked(ModelGraph graph, Map<String, String> parameters) {
    Map<String, Block> blocks = new LinkedHashMap<>();
    for (Place place : places(graph, parameters)) {
      blocks.put(place.name(), block(place.spec().shape(), parameters));
    }
    return blocks;
  }

  /** What goes or stays as one of a tensor of this shape. */
  Block block(Shape shape, Map<String, String> parameters) {
    return Block.single(shape);
  }

  /** Scores before they are normalized. */
  interface Raw {
    /** One for each block of a tensor, row-major. */
    double[] of(Place place, Block block);
  }

  /** Scores of all tensors as they are ranked. */
  final WeightScores ranked(ScoringInput input, Raw raw) {
    ModelGraph graph = input.model().graph();
    Normalizer normalizer = Normalizer.of(input.parameters().getOrDefault(Normalizer.NAME, "none"));
    double chance = chance(input.parameters());
    SplitMix64 random = SplitMix64.stream(input.seed(), "method-chance");
    Map<String, Tensor> scores = new LinkedHashMap<>();
    Map<String, Block> blocks = new LinkedHashMap<>();
    Map<String, BitSet> spared = new LinkedHashMap<>();
    for (Place place : places(graph, input.parameters())) {
      Block block = block(place.spec().shape(), input.parameters());
      double[] values = raw.of(place, block);
      float[] ranked = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        Layers.requireFinite(values[i], name(), "weight " + i + " of " + place.name());
      }
      double[] normalized = normalizer.apply(values);
      for (int i = 0; i < ranked.length; i++) {
        ranked[i] = (float) normalized[i];
      }
      scores.put(place.name(), Tensor.wrap(block.grid(), ranked));
      if (!block.isSingle()) {
        blocks.put(place.name(), block);
      }
      if (chance < 1) {
        BitSet lucky = new BitSet(ranked.length);
        for (int i = 0; i < ranked.length; i++) {
          lucky.set(i, random.nextDouble() >= chance);
        }
        spared.put(place.name(), lucky);
      }
    }
    return new WeightScores(scores, blocks, spared);
  }

  /** Sums of {@code |w|^p} over the blocks of a tensor. */
  static double[] sums(Tensor weights, Block block, Power power) {
    double[] sums = new double[block.count()];
    for (int i = 0; i < weights.size(); i++) {
      int at = block.of(i);
      sums[at] = power.add(sums[at], weights.at(i));
    }
    return sums;
  }
}
