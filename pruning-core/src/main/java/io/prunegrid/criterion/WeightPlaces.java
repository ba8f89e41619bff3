package io.prunegrid.criterion;

import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec;
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
        op instanceof Op.Conv2d conv
            ? !conv.isDepthwise()
            : op instanceof Op.Linear
                || op instanceof Op.BatchNorm2d
                || op instanceof NormOp.LayerNorm;
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
    double[] out = new double[spec.shape().dim(0)];
    boolean reads = spec.shape().rank() > 1;
    double[] in = new double[reads ? spec.shape().dim(1) : 0];
    int columns = Math.max(1, in.length);
    int area = values.length / (out.length * columns);
    int at = 0;
    for (int row = 0; row < out.length; row++) {
      for (int column = 0; column < columns; column++) {
        for (int i = 0; i < area; i++) {
          double value = values[at++];
          out[row] = power.add(out[row], value);
          if (reads) {
            in[column] = power.add(in[column], value);
          }
        }
      }
    }
    if (power == Power.SIGNED) {
      Arrays.setAll(out, i -> Math.abs(out[i]));
      Arrays.setAll(in, i -> Math.abs(in[i]));
    }
    places.addOut(layer.module(), out);
    if (reads) {
      places.addIn(layer.module(), in);
    }
  }
}
