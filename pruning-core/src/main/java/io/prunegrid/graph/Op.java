package io.prunegrid.graph;

import io.prunegrid.graph.ParameterSpec.Role;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node computes. Every operator is a plain record of its attributes; its tensors live in
 * {@link Weights} under torch-style names. Shapes leave the batch dimension out.
 */
public sealed interface Op
    permits ElementOp,
        NormOp,
        SpatialOp,
        ShapeOp,
        TokenOp,
        Op.Input,
        Op.Conv2d,
        Op.Linear,
        Op.BatchNorm2d,
        Op.Relu,
        Op.Dropout,
        Op.MaxPool2d,
        Op.AdaptiveAvgPool2d,
        Op.Add,
        Op.Concat,
        Op.Flatten,
        Op.Subsample2d,
        Op.PadChannels,
        Op.SelectChannels {
  /**
   * Shape of the output for these inputs.
   *
   * @throws IllegalArgumentException with the reason, when the inputs do not fit
   */
  Shape infer(List<Shape> inputs);

  /** The tensors this operator owns, in torch's order; empty for most operators. */
  default List<ParameterSpec> parameters() {
    return List.of();
  }

  /**
   * In how many multiply-accumulates each element of a tensor of role {@link Role#WEIGHT} takes
   * part for one sample; 0 for operators without such tensors.
   */
  default long uses(Shape input, Shape output) {
    return 0;
  }

  /** The network's input: {@code (channel, height, width)}. */
  record Input(Shape shape) implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shapes.expectCount(inputs, 0);
      return shape;
    }
  }

  /**
   * Two-dimensional convolution, torch's {@code Conv2d}: {@code weight (out, in / groups, kernel
   * height, kernel width)}, {@code bias (out)} where it has one. Each output side is {@code
   * floor((side + 2 padding - dilation (kernel - 1) - 1) / stride) + 1}.
   */
  record Conv2d(
      int in,
      int out,
      Size2d kernel,
      Size2d stride,
      Size2d padding,
      Size2d dilation,
      int groups,
      boolean bias)
      implements Op, Convolution {
    public Conv2d {
      Convolution.requireGroups(in, out, groups);
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      Shapes.expectFeatureMap(x);
      Shapes.expectChannels(x, in);
      return Shape.of(
          out,
          Shapes.slidingSide(
              x.dim(1), kernel.height(), stride.height(), padding.height(), dilation.height()),
          Shapes.slidingSide(
              x.dim(2), kernel.width(), stride.width(), padding.width(), dilation.width()));
    }

    @Override
    public List<ParameterSpec> parameters() {
      List<ParameterSpec> specs = new ArrayList<>();
      specs.add(
          new ParameterSpec(
              "weight", Shape.of(out, in / groups, kernel.height(), kernel.width()), Role.WEIGHT));
      if (bias) {
        specs.add(new ParameterSpec("bias", Shape.of(out), Role.BIAS));
      }
      return specs;
    }

    @Override
    public long uses(Shape input, Shape output) {
      return output.positions();
    }
  }

  /**
   * Fully connected layer over the last dimension, torch's {@code Linear}: {@code weight (out,
   * in)}, {@code bias (out)} where it has one.
   */
  record Linear(int in, int out, boolean bias) implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      if (x.rank() < 1 || x.dim(x.rank() - 1) != in) {
        throw new IllegalArgumentException("expects " + in + " features, found " + x);
      }
      return x.withDim(x.rank() - 1, out);
    }

    @Override
    public List<ParameterSpec> parameters() {
      List<ParameterSpec> specs = new ArrayList<>();
      specs.add(new ParameterSpec("weight", Shape.of(out, in), Role.WEIGHT));
      if (bias) {
        specs.add(new ParameterSpec("bias", Shape.of(out), Role.BIAS));
      }
      return specs;
    }

    @Override
    public long uses(Shape input, Shape output) {
      return output.size() / out;
    }
  }

  /**
   * Batch normalization over the channels of a feature map, torch's {@code BatchNorm2d}: {@code
   * weight}, {@code bias}, {@code running_mean} and {@code running_var}, all {@code (channels)}.
   *
   * @param momentum weight of the newest batch in the running statistics, as torch counts it
   */
  record BatchNorm2d(int channels, double eps, double momentum) implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      Shapes.expectFeatureMap(x);
      Shapes.expectChannels(x, channels);
      return x;
    }

    @Override
    public List<ParameterSpec> parameters() {
      Shape shape = Shape.of(channels);
      return List.of(
          new ParameterSpec("weight", shape, Role.NORM_WEIGHT),
          new ParameterSpec("bias", shape, Role.NORM_BIAS),
          new ParameterSpec("running_mean", shape, Role.RUNNING_MEAN),
          new ParameterSpec("running_var", shape, Role.RUNNING_VARIANCE));
    }
  }

  /** {@code max(x, 0)}, element by element. */
  record Relu() implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      return Shapes.single(inputs);
    }
  }

  /**
   * Zeroes elements with probability {@code p} while training, scales the rest by {@code 1 / (1 -
   * p)}; else the identity.
   */
  record Dropout(double p) implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      return Shapes.single(inputs);
    }
  }

  /**
   * Largest value of each window; padding counts as minus infinity.
   *
   * @param ceil whether a last window that reaches beyond the padding counts
   */
  record MaxPool2d(Size2d kernel, Size2d stride, Size2d padding, boolean ceil) implements Op {
    /** Windows that fit whole. */
    public MaxPool2d(Size2d kernel, Size2d stride, Size2d padding) {
      this(kernel, stride, padding, false);
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      return Shapes.pooled(Shapes.single(inputs), kernel, stride, padding, ceil);
    }
  }

  /**
   * Mean over windows chosen so that the output has this size, whatever the input's, as torch's
   * {@code AdaptiveAvgPool2d}.
   */
  record AdaptiveAvgPool2d(Size2d output) implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      Shapes.expectFeatureMap(x);
      return Shape.of(x.channels(), output.height(), output.width());
    }
  }

  /**
   * Element-by-element sum; an input of size 1 along an axis, or without it, counts for all of the
   * others'.
   */
  record Add() implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shapes.expectAtLeast(inputs, 2);
      Shape sum = inputs.get(0);
      for (Shape shape : inputs.subList(1, inputs.size())) {
        sum = Shapes.broadcast(sum, shape);
      }
      return sum;
    }
  }

  /**
   * Inputs side by side along an axis; all other dimensions agree.
   *
   * @param axis counted without the batch, 0 for channels of feature maps
   */
  record Concat(int axis) implements Op {
    /** Along the channels of feature maps. */
    public Concat() {
      this(0);
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shapes.expectAtLeast(inputs, 1);
      int size = 0;
      for (Shape shape : inputs) {
        Shapes.expectAxis(shape, axis);
        if (!shape.withDim(axis, 0).equals(inputs.get(0).withDim(axis, 0))) {
          throw new IllegalArgumentException(
              "concatenates inputs that differ along one axis only, found " + inputs);
        }
        size = Math.addExact(size, shape.dim(axis));
      }
      return inputs.get(0).withDim(axis, size);
    }
  }

  /** A feature map as one vector, channel by channel, row by row. */
  record Flatten() implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      return Shape.of(Math.toIntExact(Shapes.single(inputs).size()));
    }
  }

  /**
   * Every {@code stride}-th row and column, beginning with the first: {@code x[:, ::stride,
   * ::stride]}.
   */
  record Subsample2d(int stride) implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      Shapes.expectFeatureMap(x);
      return Shape.of(
          x.channels(), Shapes.ceilDiv(x.dim(1), stride), Shapes.ceilDiv(x.dim(2), stride));
    }
  }

  /** Channels of zeros in front of and behind the input's. */
  record PadChannels(int before, int after) implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      return x.withDim(0, before + x.channels() + after);
    }
  }

  /**
   * The input's channels at these positions, in this order, each at most once. Removal leaves it
   * where a tensor must lose channels that its other consumers keep.
   */
  record SelectChannels(List<Integer> channels) implements Op {
    public SelectChannels {
      channels = List.copyOf(channels);
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      for (int channel : channels) {
        if (channel < 0 || channel >= x.channels()) {
          throw new IllegalArgumentException("selects channel " + channel + " of " + x.channels());
        }
      }
      return x.withDim(0, channels.size());
    }
  }
}
