package io.prunegrid.graph;

import io.prunegrid.graph.ParameterSpec.Role;
import java.util.List;

/** Normalizations whose statistics come from the sample itself, in training and evaluation. */
public sealed interface NormOp extends Op {
  /** Added to the variance. */
  double eps();

  /**
   * Mean 0 and variance 1 over the last dimensions of each sample, then scale and shift by element:
   * torch's {@code LayerNorm} (Ba, Kiros, Hinton 2016), {@code weight} and {@code bias} of the
   * normalized shape.
   *
   * @param normalized sizes of the last dimensions
   * @param affine whether it scales and shifts
   */
  record LayerNorm(Shape normalized, double eps, boolean affine) implements NormOp {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      int skipped = x.rank() - normalized.rank();
      if (skipped < 0 || !x.dims().subList(skipped, x.rank()).equals(normalized.dims())) {
        throw new IllegalArgumentException("normalizes " + normalized + ", found " + x);
      }
      return x;
    }

    @Override
    public List<ParameterSpec> parameters() {
      return affine ? scaleAndShift(normalized) : List.of();
    }
  }

  /**
   * Mean 0 and variance 1 over each group of channels of each sample, then scale and shift by
   * channel: torch's {@code GroupNorm} (Wu, He, ECCV 2018), {@code weight} and {@code bias
   * (channels)}.
   */
  record GroupNorm(int groups, int channels, double eps) implements NormOp {
    public GroupNorm {
      if (groups < 1 || channels % groups != 0) {
        throw new IllegalArgumentException(
            channels + " channels cannot have " + groups + " groups");
      }
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      Shapes.expectChannels(x, channels);
      return x;
    }

    @Override
    public List<ParameterSpec> parameters() {
      return scaleAndShift(Shape.of(channels));
    }
  }

  private static List<ParameterSpec> scaleAndShift(Shape shape) {
    return List.of(
        new ParameterSpec("weight", shape, Role.NORM_WEIGHT),
        new ParameterSpec("bias", shape, Role.NORM_BIAS));
  }
}
