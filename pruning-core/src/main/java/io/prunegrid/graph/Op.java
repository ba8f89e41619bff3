package io.prunegrid.graph;

import io.prunegrid.graph.ParameterSpec.Role;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node computes. Every operator is a plain record of its attributes; its tensors live in
 * {@link Weights} under torch-style names. Shapes leave the batch dimension out.
 */
public sealed interface Op {
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
   * Multiply-accumulates of one sample, biases not counted; 0 for everything but convolutions and
   * linear layers.
   */
  default long macs(Shape output) {
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
      implements Op {
    public Conv2d {
      if (in < 1 || out < 1 || groups < 1 || in % groups != 0 || out % groups != 0) {
        throw new IllegalArgumentException(
            "convolution of " + in + " to " + out + " channels cannot have " + groups + " groups");
      }
    }

    /**
     * One input channel and a fixed number of output channels a group: each channel is filtered by
     * itself.
     */
    public boolean isDepthwise() {
      return groups > 1 && groups == in;
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
    public long macs(Shape output) {
      return output.size() * (in / groups) * kernel.height() * kernel.width();
    }
  }

  /**
   * Fully connected layer over a vector, torch's {@code Linear}: {@code weight (out, in)}, {@code
   * bias (out)} where it has one.
   */
  record Linear(int in, int out, boolean bias) implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      if (x.rank() != 1 || x.dim(0) != in) {
        throw new IllegalArgumentException("expects a vector of " + in + " features, found " + x);
      }
      return Shape.of(out);
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
    public long macs(Shape output) {
      return (long) in * out;
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

  /** Largest value of each window; padding counts as minus infinity. */
  record MaxPool2d(Size2d kernel, Size2d stride, Size2d padding) implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      Shapes.expectFeatureMap(x);
      return Shape.of(
          x.channels(),
          Shapes.slidingSide(x.dim(1), kernel.height(), stride.height(), padding.height(), 1),
          Shapes.slidingSide(x.dim(2), kernel.width(), stride.width(), padding.width(), 1));
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

  /** Element-by-element sum of inputs of one shape. */
  record Add() implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shapes.expectAtLeast(inputs, 2);
      for (Shape shape : inputs) {
        if (!shape.equals(inputs.get(0))) {
          throw new IllegalArgumentException("adds inputs of one shape, found " + inputs);
        }
      }
      return inputs.get(0);
    }
  }

  /** Inputs side by side along the channels; all other dimensions agree. */
  record Concat() implements Op {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shapes.expectAtLeast(inputs, 1);
      int channels = 0;
      for (Shape shape : inputs) {
        if (!shape.withDim(0, 0).equals(inputs.get(0).withDim(0, 0))) {
          throw new IllegalArgumentException(
              "concatenates inputs that differ in channels only, found " + inputs);
        }
        channels = Math.addExact(channels, shape.channels());
      }
      return inputs.get(0).withDim(0, channels);
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
