package io.prunegrid.criterion;

import io.prunegrid.graph.Filters;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.SpatialOp;
import java.util.Arrays;
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
   * @param values one for each value of a parameter, row-major
   */
  static void add(PlaceScores places, Node layer, Values values, Power power, Biases biases) {
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
        case WEIGHT, NORM_WEIGHT -> weights(places, layer, spec, values.of(spec), power);
        case BIAS, NORM_BIAS -> {
          if (biases == Biases.COUNT) {
            weights(places, layer, spec, values.of(spec), power);
          }
        }
        default -> {}
      }
    }
  }

  /** One number for each value of a parameter. */
  interface Values {
    double[] of(ParameterSpec spec);
  }

  private static void weights(
      PlaceScores places, Node layer, ParameterSpec spec, double[] values, Power power) {
    boolean reads = spec.shape().rank() > 1;
    double[] out = new double[spec.shape().dim(0)];
    double[] in = new double[0];
    if (reads) {
      Filters filters = Filters.of(layer.op(), spec.shape());
      out = new double[filters.outputs()];
      // what reads a channel is the same for all groups of a convolution, as the reference has it
      boolean transposed = layer.op() instanceof SpatialOp.ConvTranspose2d;
      in = new double[transposed ? filters.inputs() : spec.shape().dim(1)];
      for (int i = 0; i < values.length; i++) {
        int row = filters.outputOf(i);
        int column = filters.inputOf(i) % in.length;
        out[row] = power.add(out[row], values[i]);
        in[column] = power.add(in[column], values[i]);
      }
    } else {
      for (int i = 0; i < values.length; i++) {
        out[i] = power.add(out[i], values[i]);
      }
    }
    if (power == Power.SIGNED) {
      out = Arrays.stream(out).map(Math::abs).toArray();
      in = Arrays.stream(in).map(Math::abs).toArray();
    }
    places.addOut(layer.module(), out);
    if (reads) {
      places.addIn(layer.module(), in);
    }
  }
}
