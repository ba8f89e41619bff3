package io.prunegrid.criterion;

import io.prunegrid.graph.Filters;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.SpatialOp;
import java.util.List;

/**
 * Sums over a layer's weights by output channel and by input channel. Filters that produce a
 * channel, columns of filters that read it and scales of batch norms count; depthwise convolutions
 * do not. The columns of a grouped convolution are summed over all its filters.
 */
final class WeightPlaces {
  /** Whether biases and shifts of batch norms count, as places of their own. */
  enum Biases {
    COUNT,
    LEFT_OUT;

    static final Parameter PARAMETER =
        new Parameter.Choice(
            "bias",
            "left-out",
            List.of("left-out", "count"),
            "whether biases and shifts of batch norms count, as places of their own");

    static Biases of(ScoringInput input) {
      return input.parameter("bias").equals("count") ? COUNT : LEFT_OUT;
    }
  }

  private WeightPlaces() {}

  /**
   * Sums {@code |v|^p} over a layer's places.
   *
   * @param numbers that stand for the values of parameters
   */
  static void add(PlaceScores places, Node layer, Numbers numbers, Power power, Biases biases) {
    Op op = layer.op();
    boolean counts =
        Filters.has(op)
            ? !Filters.areDepthwise(op)
            : op instanceof Op.BatchNorm2d || op instanceof NormOp.LayerNorm;
    if (!counts) {
      return;
    }
    for (ParameterSpec spec : op.parameters()) {
      switch (spec.role()) {
        case WEIGHT, NORM_WEIGHT -> weights(places, layer, spec, numbers.of(spec), power);
        case BIAS, NORM_BIAS -> {
          if (biases == Biases.COUNT) {
            weights(places, layer, spec, numbers.of(spec), power);
          }
        }
        default -> {}
      }
    }
  }

  /** Numbers for the values of a parameter. */
  interface Numbers {
    WeightSums.Values of(ParameterSpec spec);
  }

  private static void weights(
      PlaceScores places, Node layer, ParameterSpec spec, WeightSums.Values values, Power power) {
    if (spec.shape().rank() == 1) {
      WeightSums sums =
          WeightSums.of(values, new WeightSums.Layout(1, spec.shape().dim(0), 1, 1), power);
      places.addOut(layer.module(), power.totals(sums.columns()));
      return;
    }
    boolean transposed = layer.op() instanceof SpatialOp.ConvTranspose2d;
    Filters filters = Filters.of(layer.op(), spec.shape());
    // what reads a channel is the same for all groups of a convolution, as the reference has it
    int bands = transposed ? filters.outputs() / spec.shape().dim(1) : 1;
    int entries = spec.shape().dim(0) * spec.shape().dim(1);
    int area = Math.toIntExact(spec.shape().size() / entries);
    WeightSums sums =
        WeightSums.of(
            values,
            new WeightSums.Layout(spec.shape().dim(0), spec.shape().dim(1), bands, area),
            power);
    double[] byRow = power.totals(sums.rows());
    double[] byColumn = power.totals(sums.columns());
    places.addOut(layer.module(), transposed ? byColumn : byRow);
    places.addIn(layer.module(), transposed ? byRow : byColumn);
  }
}
