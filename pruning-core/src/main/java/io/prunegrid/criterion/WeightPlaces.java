package io.prunegrid.criterion;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.graph.Filters;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Shape;
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

  private final PlaceScores places;
  private final CoupledChannels channels;
  private final Power power;
  private final Biases biases;

  /**
   * Sums {@code |v|^p} over places.
   *
   * @param places where the sums go
   */
  WeightPlaces(PlaceScores places, CoupledChannels channels, Power power, Biases biases) {
    this.places = places;
    this.channels = channels;
    this.power = power;
    this.biases = biases;
  }

  /** Numbers for the values of a parameter. */
  interface Numbers {
    WeightSums.Values of(ParameterSpec spec);
  }

  /**
   * Adds a layer's places.
   *
   * @param numbers that stand for the values of parameters
   */
  void add(Node layer, Numbers numbers) {
    Op op = layer.op();
    boolean filters = Filters.has(op) && !Filters.areDepthwise(op);
    boolean norm = op instanceof Op.BatchNorm2d || op instanceof NormOp.LayerNorm;
    if (!filters && !norm) {
      return;
    }
    for (ParameterSpec spec : op.parameters()) {
      switch (spec.role()) {
        case WEIGHT -> filters(layer, spec, numbers.of(spec));
        case NORM_WEIGHT -> perChannel(layer, spec, numbers.of(spec));
        case BIAS, NORM_BIAS -> {
          if (biases == Biases.COUNT) {
            perChannel(layer, spec, numbers.of(spec));
          }
        }
        default -> {}
      }
    }
  }

  private void perChannel(Node layer, ParameterSpec spec, WeightSums.Values values) {
    Shape shape = spec.shape();
    int axis = axis(layer, shape);
    int before = product(shape, 0, axis);
    int after = product(shape, axis + 1, shape.rank());
    WeightSums sums =
        WeightSums.of(values, new WeightSums.Layout(before, shape.dim(axis), 1, after), power);
    places.addOut(layer.module(), power.totals(sums.columns()));
  }

  /** Which dimension counts channels: a layer norm may scale every value of them by itself. */
  private int axis(Node layer, Shape shape) {
    if (shape.rank() == 1) {
      return 0;
    }
    return channels.axis(layer.name()) - channels.graph().shape(layer.name()).rank() + shape.rank();
  }

  private static int product(Shape shape, int from, int to) {
    int product = 1;
    for (int i = from; i < to; i++) {
      product *= shape.dim(i);
    }
    return product;
  }

  private void filters(Node layer, ParameterSpec spec, WeightSums.Values values) {
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
