package io.prunegrid.graph;

import io.prunegrid.graph.ParameterSpec.Role;
import java.util.ArrayList;
import java.util.List;

/** Operators on the rows and columns of feature maps {@code (channel, height, width)}. */
public sealed interface SpatialOp extends Op {
  /**
   * Transposed convolution, torch's {@code ConvTranspose2d}: {@code weight (in, out / groups,
   * kernel height, kernel width)}, {@code bias (out)} where it has one. Each output side is {@code
   * (side - 1) stride - 2 padding + dilation (kernel - 1) + output padding + 1}.
   */
  record ConvTranspose2d(
      int in,
      int out,
      Size2d kernel,
      Size2d stride,
      Size2d padding,
      Size2d outputPadding,
      Size2d dilation,
      int groups,
      boolean bias)
      implements SpatialOp, Convolution {
    public ConvTranspose2d {
      Convolution.requireGroups(in, out, groups);
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      Shapes.expectFeatureMap(x);
      Shapes.expectChannels(x, in);
      return Shape.of(
          out,
          side(
              x.dim(1),
              kernel.height(),
              stride.height(),
              padding.height(),
              outputPadding.height(),
              dilation.height()),
          side(
              x.dim(2),
              kernel.width(),
              stride.width(),
              padding.width(),
              outputPadding.width(),
              dilation.width()));
    }

    private static int side(
        int side, int kernel, int stride, int padding, int outputPadding, int dilation) {
      int found = (side - 1) * stride - 2 * padding + dilation * (kernel - 1) + outputPadding + 1;
      if (found < 1) {
        throw new IllegalArgumentException("leaves nothing of a side of " + side + " pixels");
      }
      return found;
    }

    @Override
    public List<ParameterSpec> parameters() {
      List<ParameterSpec> specs = new ArrayList<>();
      specs.add(
          new ParameterSpec(
              "weight", Shape.of(in, out / groups, kernel.height(), kernel.width()), Role.WEIGHT));
      if (bias) {
        specs.add(new ParameterSpec("bias", Shape.of(out), Role.BIAS));
      }
      return specs;
    }

    @Override
    public long uses(Shape input, Shape output) {
      return input.positions();
    }
  }

  /**
   * Mean of each window.
   *
   * @param ceil whether a last window that reaches beyond the padding counts
   * @param countsPadding whether padding counts as zeros, else it is left out of the mean
   */
  record AvgPool2d(
      Size2d kernel, Size2d stride, Size2d padding, boolean ceil, boolean countsPadding)
      implements SpatialOp {
    @Override
    public Shape infer(List<Shape> inputs) {
      return Shapes.pooled(Shapes.single(inputs), kernel, stride, padding, ceil);
    }
  }

  /**
   * Largest value over windows chosen so that the output has this size, whatever the input's, as
   * torch's {@code AdaptiveMaxPool2d}.
   */
  record AdaptiveMaxPool2d(Size2d output) implements SpatialOp {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      Shapes.expectFeatureMap(x);
      return Shape.of(x.channels(), output.height(), output.width());
    }
  }

  /**
   * Resized to this size as torch's {@code interpolate} does.
   *
   * @param alignsCorners for {@code BILINEAR}: whether corner pixels' centers coincide
   */
  record Interpolate(Size2d output, Mode mode, boolean alignsCorners) implements SpatialOp {
    /** How values between pixels are found. */
    public enum Mode {
      NEAREST,
      BILINEAR
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      Shapes.expectFeatureMap(x);
      return Shape.of(x.channels(), output.height(), output.width());
    }
  }

  /**
   * Rows and columns of one value around each feature map.
   *
   * @param value what they hold
   */
  record Pad2d(int top, int bottom, int left, int right, double value) implements SpatialOp {
    public Pad2d {
      if (top < 0 || bottom < 0 || left < 0 || right < 0) {
        throw new IllegalArgumentException("cannot pad by less than nothing");
      }
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      Shapes.expectFeatureMap(x);
      return Shape.of(x.channels(), top + x.dim(1) + bottom, left + x.dim(2) + right);
    }
  }
}
